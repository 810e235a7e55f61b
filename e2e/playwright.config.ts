import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

/** Debian's and Ubuntu's names for the browser; another one can be named in CHROMIUM. */
const CHROMIUM = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
);
if (CHROMIUM === undefined) throw new Error("Chromium is missing. Type: sudo apt-get install -y chromium");

/** Nothing leaves the machine, and containers without a GPU or user namespaces can run it. */
export const BROWSER_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: "journeys",
  outputDir: "results",
  // Files run beside each other, each with a server of its own; the tests of a file run one after the other.
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  // Measured last and alone: a second browser on the same two cores would be measured, too.
  projects: [
    { name: "journeys", testIgnore: "speed.spec.ts" },
    { name: "speed", testMatch: "speed.spec.ts", dependencies: ["journeys"] },
  ],
  reporter: [["list"], ["./fixtures/figures.ts"]],
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: CHROMIUM, args: BROWSER_ARGUMENTS },
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "America/Los_Angeles",
    contextOptions: { reducedMotion: "reduce" },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    actionTimeout: 10_000,
  },
});
