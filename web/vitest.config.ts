import { defineConfig } from "vitest/config";
import { macros } from "./kit/build/macros.mjs";

export default defineConfig({
  plugins: [macros()],
  test: { include: ["{kit,inbox,phones}/**/*.test.ts"], environment: "node" },
});
