/** Every act that the API's description says takes a step-up is done by `useGuarded`, wherever the dashboard does it. */
import { expect, test } from "vitest";

type Operations = Record<string, { operationId: string; "x-step-up"?: string }>;

const read = (found: Record<string, unknown>) => found as Record<string, string>;
const [description = "{}"] = Object.values(
  read(import.meta.glob("/openapi.json", { query: "?raw", import: "default", eager: true })),
);
const sources = Object.entries(
  read(import.meta.glob("/src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true })),
).filter(([file]) => !file.endsWith(".test.ts") && !file.endsWith("schema.d.ts"));

const CALL = /api\.([A-Z]+)\(\s*[`"]([^`"]+)[`"]/g;
/** They are for operators, who have `wh-cp people`. */
const ELSEWHERE = ["disable_person", "enable_person"];

function calls() {
  return sources.flatMap(([file, text]) => {
    const constants = Object.fromEntries(
      [...text.matchAll(/const ([A-Z_]+) = "([^"]+)"/g)].map(([, name, value]) => [name, value]),
    );
    return [...text.matchAll(CALL)].map((call) => {
      const path = (call[2] ?? "").replace(/\$\{([A-Z_]+)\}/g, (_, name: string) => constants[name] ?? "");
      const before = text.slice(0, call.index);
      return {
        file,
        act: `${call[1]} ${path}`,
        guarded: before.lastIndexOf("useGuarded({") > before.lastIndexOf("useMutation({"),
      };
    });
  });
}

test("each act that takes a step-up asks for it", () => {
  const paths = Object.entries((JSON.parse(description) as { paths: Record<string, Operations> }).paths);
  const dangerous = paths.flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, operation]) => operation["x-step-up"])
      .map(([method, { operationId }]) => ({ act: `${method.toUpperCase()} ${path}`, operationId })),
  );
  const known = calls();
  const done = dangerous.map(({ act, operationId }) => ({
    operationId,
    places: known.filter((call) => call.act === act),
  }));
  expect(done.filter(({ places }) => places.length === 0).map(({ operationId }) => operationId)).toEqual(
    ELSEWHERE,
  );
  const bare = done.flatMap(({ places }) => places).filter(({ guarded }) => !guarded);
  expect(bare).toEqual([]);
});
