import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { macros } from "./kit/build/macros.mjs";

export default defineConfig({
  plugins: [macros(), react(), lingui() as never],
  test: { include: ["{kit,inbox,phones}/**/*.test.ts"], environment: "node" },
});
