// Says the order of the cascade layers at the head of every style sheet. Chunks are loaded in an order that the bundler
// chooses, and the first mention of a layer would else decide its rank.
const ORDER = "@layer reset, kit, app;\n";

/** The Vite plugin. */
export function layers() {
  return {
    name: "partyline-layers",
    enforce: "pre",
    transform(code, id) {
      return id.split("?", 1)[0].endsWith(".css") ? { code: ORDER + code, map: null } : null;
    },
  };
}
