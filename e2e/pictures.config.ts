import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

/** Takes docs/screenshots: no test, and so in no run of the tests. */
export default defineConfig(base, {
  testDir: "pictures",
  workers: 1,
  projects: [{ name: "pictures" }],
  timeout: 1_800_000,
  use: { trace: "off", screenshot: "off" },
});
