// Writes src/lib/schema.d.ts from an OpenAPI document: npm run schema [path of openapi.json]
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const source = process.argv[2] ?? "openapi.json";
const target = new URL("../src/lib/schema.d.ts", import.meta.url);
const document = JSON.parse(await readFile(source, "utf8"));
const types = astToString(await openapiTS(document));
await writeFile(
  target,
  `// Made by npm run schema from the server's /api/openapi.json. Do not edit.\n${types}`,
);
process.stdout.write(`${source}: ${Object.keys(document.paths).length} paths\n`);
