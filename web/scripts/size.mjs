// Prints what a first visit downloads, and fails when its JavaScript is over budget: npm run size
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 150;
const folder = new URL(`${process.argv[2] ?? "../../cp/wisehosting_cp/web"}/`, import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", folder), "utf8"));

const gzipKb = async (file) => gzipSync(await readFile(new URL(file, folder))).length / 1024;

// What index.html asks for at the address of the overview, also what is imported only while other scripts run (early-scripts.ts).
const page = await readFile(new URL("index.html", folder), "utf8");
const links = [...page.matchAll(/<(?:script|link)[^>]*"\/(assets\/[^"]+\.js)"[^>]*>/g)];
const asked = links.filter(([tag]) => new RegExp(/data-when="([^"]*)"/.exec(tag)?.[1] ?? "").test("/"));
const initial = new Set(asked.map(([, file]) => file));
if (initial.size === 0) throw new Error(`${folder.pathname}index.html names no script`);

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
