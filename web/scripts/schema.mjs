// Writes src/lib/schema.d.ts from an OpenAPI document: npm run schema [path of openapi.json]
// With --check it writes nothing and fails when the file is not what it would write.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const given = process.argv.slice(2);
const check = given.includes("--check");
const source = given.find((each) => !each.startsWith("--")) ?? "openapi.json";
const target = new URL("../src/lib/schema.d.ts", import.meta.url);
const document = JSON.parse(await readFile(source, "utf8"));
// A field with a default may be left out of a request.
const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
const text = `// Made by npm run schema from the server's /api/openapi.json. Do not edit.\n${types}`;
if (!check) {
  await writeFile(target, text);
  process.stdout.write(`${source}: ${Object.keys(document.paths).length} paths\n`);
} else if (text !== (await readFile(target, "utf8"))) {
  process.stderr.write(`src/lib/schema.d.ts is not what ${source} says. Run: npm --prefix web run schema\n`);
  process.exit(1);
}
