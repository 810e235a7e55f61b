import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { layers } from "../kit/build/layers.mjs";
import { macros } from "../kit/build/macros.mjs";

/** Where `npm run dev` finds the server; FAKE=1 answers from memory instead. */
const SERVER = process.env.PARTYLINE_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig(async () => {
  const fake = process.env.FAKE === "1" ? [(await import("../kit/testkit/vitePlugin.ts")).fakeServer()] : [];
  return {
    plugins: [macros(), layers(), react(), lingui({ configPath: "../lingui.config.ts" } as never), ...fake],
    build: {
      manifest: true,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      // `npm run size` holds the budget, over what the first screen needs.
      chunkSizeWarningLimit: 700,
    },
    server: fake.length > 0 ? {} : { proxy: { "/api": { target: SERVER, ws: true } } },
  };
});
