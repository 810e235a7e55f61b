import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** A carrier of its own for development: `cargo run -p partyline-carrier --example carrier`. */
const carrier = "http://127.0.0.1:8081";

export default defineConfig({
  plugins: [react()],
  // The page's policy allows files, and nothing inline.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { "/carrier": carrier, "/cdn": carrier } },
});
