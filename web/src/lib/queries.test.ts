import { expect, test } from "vitest";
import { allPages } from "./queries";

test("a list that is shown whole is read to its last page", async () => {
  const asked: (string | undefined)[] = [];
  const all = await allPages<number>(async ({ cursor }) => {
    asked.push(cursor);
    const at = Number(cursor ?? 0);
    return { items: [at], next_cursor: at < 2 ? String(at + 1) : null };
  });
  expect(all).toEqual({ items: [0, 1, 2], next_cursor: null });
  expect(asked).toEqual([undefined, "1", "2"]);
});

test("of a long list the first page is told before the rest is asked for", async () => {
  const said: string[] = [];
  await allPages<number>(
    async ({ cursor }) => {
      said.push(`ask ${cursor ?? ""}`);
      return { items: [1], next_cursor: cursor ? null : "more" };
    },
    ({ items }) => said.push(`begun with ${items.length}`),
  );
  expect(said).toEqual(["ask ", "begun with 1", "ask more"]);
});
