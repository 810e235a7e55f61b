import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

export default defineConfig({
  sourceLocale: "en",
  locales: ["en"],
  // Line numbers would change every entry with every edit.
  format: formatter({ lineNumbers: false }),
  catalogs: [
    {
      path: "<rootDir>/kit/i18n/locales/{locale}",
      include: ["<rootDir>/kit", "<rootDir>/inbox/src"],
      exclude: ["**/node_modules/**", "**/*.test.ts", "**/testkit/**"],
    },
  ],
});
