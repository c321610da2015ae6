import { expect, test } from "vitest";
import { askOnce } from "./once";

type Outcome = "lost" | number;

/** Asks with this outcome and returns the key that was sent. */
async function send(intent: string, outcome: Outcome): Promise<string> {
  let key = "";
  await askOnce(intent, (header) => {
    key = header["Idempotency-Key"];
    if (outcome === "lost") return Promise.reject(new TypeError("network"));
    return Promise.resolve({ data: {}, response: new Response(null, { status: outcome }) });
  }).catch(() => undefined);
  return key;
}

test("a call whose answer was lost is repeated with its key, until an answer comes", async () => {
  const first = await send("deploy a", "lost");
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(await send("deploy a", 502)).toBe(first);
  expect(await send("deploy a", 202)).toBe(first);
  expect(await send("deploy a", 202)).not.toBe(first);
});

test("another intent has another key, and a refusal ends a key", async () => {
  const first = await send("deploy b", "lost");
  expect(await send("deploy c", "lost")).not.toBe(first);
  expect(await send("deploy b", 409)).toBe(first);
  expect(await send("deploy b", 202)).not.toBe(first);
});
