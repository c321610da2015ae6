import { expect, test } from "vitest";
import {
  chosenBy,
  type LogAddress,
  PLAIN,
  parseRange,
  parseRef,
  printRange,
  readAddress,
  writeAddress,
} from "./log-address";

const line = (n: number, instance: string | null = null) => ({ instance, n });

const VIEWS: Partial<LogAddress>[] = [
  {},
  { query: 'a b&c=d#e?%20+/\\"', match: line(7, "0f-1") },
  { query: "123" },
  { query: "1e5" },
  { query: "true" },
  { wrap: true, follow: false, top: line(42) },
  { lines: { from: line(120), to: line(140) }, follow: false },
  { lines: { from: line(3, "web-1"), to: line(9, "web-2") }, follow: false },
  { lines: { from: line(3, "web-1"), to: line(3, "web-1") }, follow: true },
  { instances: ["web-1", "web-2"], streams: ["stderr"] },
  { step: 12, follow: false },
];

test.each(VIEWS)("a view is read from its address as it was written: %j", (part) => {
  const address = { ...PLAIN, ...part };
  expect(readAddress(writeAddress("", address))).toEqual(address);
});

test("what others keep in an address stays, what is plain is not said", () => {
  expect(writeAddress("?tab=x&q=old&follow=0", PLAIN)).toBe("?tab=x");
  expect(writeAddress("", PLAIN)).toBe("");
});

test.each([
  "?line=0",
  "?line=-1",
  "?line=1..2..3",
  "?line=a:b:1",
  "?line=99999999999999999999",
  "?instance=%3Cscript%3E,%00",
  "?stream=nothing",
  "?step=x",
  "?match=3",
  "?top=",
])("what nobody of us wrote says nothing: %s", (search) => {
  expect(readAddress(search)).toEqual(PLAIN);
});

test("a range within one instance names it once", () => {
  expect(printRange({ from: line(1, "web-1"), to: line(4, "web-1") })).toBe("web-1:1..4");
  expect(parseRange("web-1:1..4")).toEqual({ from: line(1, "web-1"), to: line(4, "web-1") });
  expect(printRange({ from: line(1), to: line(1) })).toBe("1");
  expect(parseRef("7")).toEqual(line(7));
});

test("a click chooses a line, with shift up to it, and again lets go", () => {
  const one = chosenBy(null, line(5), false);
  expect(one).toEqual({ from: line(5), to: line(5) });
  expect(chosenBy(one, line(9), true)).toEqual({ from: line(5), to: line(9) });
  expect(chosenBy(one, line(5), false)).toBeNull();
  expect(chosenBy({ from: line(5), to: line(9) }, line(5), false)).toEqual(one);
  expect(chosenBy(null, line(5), true)).toEqual(one);
});
