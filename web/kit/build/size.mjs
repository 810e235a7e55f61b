// Fails when what the browser must fetch before the first screen is over budget.
// Usage: node size.mjs DIST
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** kB (1,000 bytes) of gzip; together within the 200 that are wanted. */
const BUDGET = { js: 180, css: 16 };

const dist = process.argv[2] ?? "dist";
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const first = { js: new Set(), css: new Set() };

function collect(key) {
  const chunk = manifest[key];
  if (chunk === undefined || first.js.has(chunk.file)) return;
  first.js.add(chunk.file);
  for (const css of chunk.css ?? []) first.css.add(css);
  for (const next of chunk.imports ?? []) collect(next);
}
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) collect(key);
for (const key of process.argv.slice(3)) collect(key);

let over = false;
for (const kind of ["js", "css"]) {
  let total = 0;
  for (const file of first[kind]) {
    const size = gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1000;
    total += size;
    console.log(`${size.toFixed(1).padStart(8)} kB  ${file}`);
  }
  console.log(`${total.toFixed(1).padStart(8)} kB  first-load ${kind} (budget ${BUDGET[kind]})`);
  over ||= total > BUDGET[kind];
}
process.exit(over ? 1 : 0);
