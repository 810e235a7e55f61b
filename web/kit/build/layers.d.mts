import type { Plugin } from "vite";
export function layers(): Plugin;
