// Expands the Lingui macros (`t`, `msg`, `<Trans>`, …). The React plugin no longer runs Babel, so this runs it,
// and only on the files that name a macro.
import { transformAsync } from "@babel/core";
import linguiMacro from "@lingui/babel-plugin-lingui-macro";

/** The Vite plugin; put it before the React plugin. */
export function macros() {
  return {
    name: "partyline-lingui-macros",
    enforce: "pre",
    async transform(code, id) {
      const file = id.split("?", 1)[0];
      if (!/\.tsx?$/.test(file) || !/@lingui\/(core|react)\/macro/.test(code)) return null;
      const result = await transformAsync(code, {
        filename: file,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: ["typescript", "jsx"] },
        plugins: [linguiMacro.default ?? linguiMacro],
      });
      return result?.code == null ? null : { code: result.code, map: result.map };
    },
  };
}
