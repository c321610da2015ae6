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
