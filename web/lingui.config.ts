import { defineConfig } from "@lingui/cli";

export default defineConfig({
  sourceLocale: "en",
  locales: ["en"],
  catalogs: [
    {
      path: "<rootDir>/kit/i18n/locales/{locale}",
      include: ["<rootDir>/kit", "<rootDir>/inbox/src"],
      exclude: ["**/node_modules/**", "**/*.test.ts", "**/testkit/**"],
    },
  ],
});
