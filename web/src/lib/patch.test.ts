import { expect, test } from "vitest";
import { recentAfter } from "./patch";

const page = (ids: string[], cursor: string | null = null) => ({
  items: ids.map((id) => ({ id })),
  next_cursor: cursor,
});
const ids = (found: { items: { id: string }[] }) => found.items.map((each) => each.id);

test("what is new comes first, and what is known stays where it is", () => {
  expect(ids(recentAfter(page(["3", "1"]), { id: "4" }))).toEqual(["4", "3", "1"]);
  expect(ids(recentAfter(page(["3", "1"]), { id: "2" }))).toEqual(["3", "2", "1"]);
  expect(ids(recentAfter(page(["3", "1"]), { id: "1" }))).toEqual(["3", "1"]);
  expect(ids(recentAfter(page([]), { id: "1" }))).toEqual(["1"]);
});

test("what is older than a page's end belongs to the next page", () => {
  expect(ids(recentAfter(page(["3", "2"], "more"), { id: "1" }))).toEqual(["3", "2"]);
  expect(ids(recentAfter(page(["3", "2"]), { id: "1" }))).toEqual(["3", "2", "1"]);
});
