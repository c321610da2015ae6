// Prints what a first visit downloads, and fails when its JavaScript is over budget: npm run size
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 150;
const folder = new URL(`${process.argv[2] ?? "../../cp/wisehosting_cp/web"}/`, import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", folder), "utf8"));

const gzipKb = async (file) => gzipSync(await readFile(new URL(file, folder))).length / 1024;

const initial = new Set();
const visit = (key) => {
  const chunk = manifest[key];
  if (initial.has(chunk.file)) return;
  initial.add(chunk.file);
  for (const next of chunk.imports ?? []) visit(next);
};
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key);

let total = 0;
for (const chunk of new Set(Object.values(manifest).map((entry) => entry.file))) {
  if (!chunk.endsWith(".js")) continue;
  const size = await gzipKb(chunk);
  if (initial.has(chunk)) total += size;
  process.stdout.write(
    `${initial.has(chunk) ? "first " : "later "} ${size.toFixed(1).padStart(6)} KB gzip  ${chunk}\n`,
  );
}
process.stdout.write(`first visit: ${total.toFixed(1)} KB gzip of JavaScript, budget ${BUDGET_KB} KB\n`);
if (total > BUDGET_KB) {
  process.stderr.write("Over budget: load the newest addition later (lazyRouteComponent or import()).\n");
  process.exit(1);
}
