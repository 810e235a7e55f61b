import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

/** Pages that few first screens are: their texts come with them. */
const PAGES = ["auth", "onboarding", "settings"].map((feature) => `<rootDir>/inbox/src/features/${feature}`);
const NEVER = ["**/node_modules/**", "**/*.test.ts", "**/testkit/**"];

export default defineConfig({
  sourceLocale: "en",
  locales: ["en"],
  // Line numbers would change every entry with every edit.
  format: formatter({ lineNumbers: false }),
  catalogs: [
    {
      path: "<rootDir>/kit/i18n/locales/{locale}",
      include: ["<rootDir>/kit", "<rootDir>/inbox/src"],
      exclude: [...NEVER, ...PAGES.map((folder) => `${folder}/**`)],
    },
    { path: "<rootDir>/kit/i18n/locales/pages/{locale}", include: PAGES, exclude: NEVER },
  ],
});
