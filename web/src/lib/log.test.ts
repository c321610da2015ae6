import { expect, test } from "vitest";
import { LogBuffer, type LogRow } from "./log";
import { LINE, RowLayout } from "./log-layout";
import { indexOfKey, LineFinder, LogFilter, LogSearch, stepTo } from "./log-search";
import { coloursOnly, plain } from "./terminal";

const filled = (count: number, more: (n: number) => Record<string, unknown> = () => ({}), max?: number) => {
  const buffer = new LogBuffer(max);
  for (let n = 1; n <= count; n += 1)
    buffer.line({ n, at: "2026-01-01T00:00:00Z", text: `line ${n}`, stream: "stdout", ...more(n) });
  return buffer;
};
const numbers = (rows: LogRow[]) => rows.map((row) => (row.kind === "line" ? row.n : `gap ${row.count}`));

test("a line that comes twice is shown once, and lines of several instances are told apart", () => {
  const buffer = filled(3);
  expect(buffer.line({ n: 2, text: "again" })).toBe(false);
  expect(buffer.line({ n: 2, text: "other", instance: "b", process: "web" })).toBe(true);
  expect(buffer.settle()).toHaveLength(4);
  expect([...buffer.writers]).toEqual([["b", "web"]]);
});

test("lost lines are counted once however often they are told, and neighbours become one gap", () => {
  const buffer = filled(2);
  expect(buffer.gap({ from: 3, to: 10 })).toBe(true);
  expect(buffer.gap({ from: 5, to: 10 })).toBe(false);
  expect(buffer.gap({ from: 8, to: 12 })).toBe(true);
  buffer.line({ n: 13, text: "after" });
  expect(numbers(buffer.settle())).toEqual([1, 2, "gap 10", 13]);
});

test("memory is bounded, also while nobody looks, and what was let go is counted", () => {
  const buffer = filled(1000, undefined, 100);
  expect(buffer.rows.length).toBeLessThanOrEqual(120);
  const rows = buffer.settle();
  expect(rows.length).toBeLessThanOrEqual(100);
  expect(rows.length + buffer.forgotten).toBe(1000);
  expect(numbers(rows).at(-1)).toBe(1000);
});

test("search and filter of rows that come and go find what a search of all of them finds", () => {
  const buffer = new LogBuffer(50);
  const search = new LogSearch();
  const filter = new LogFilter({ instances: ["b"], streams: [], step: null });
  for (let n = 1; n <= 300; n += 1) {
    const instance = n % 3 === 0 ? "b" : "a";
    if (n % 41 === 0) buffer.gap({ from: n, to: n, instance });
    else buffer.line({ n, text: n % 5 === 0 ? "\x1b[31mFAI\x1b[0mLED" : "fine", instance });
    if (n % 7 !== 0) continue;
    const rows = buffer.settle();
    const shown = filter.update(rows);
    expect(shown).toEqual(rows.filter((row) => row.instance === "b"));
    const wanted = shown.filter((row) => row.kind === "line" && plain(row.text) === "FAILED");
    expect(search.update(shown, "failed")).toEqual(wanted.map((row) => row.key));
  }
});

test("going from match to match leads around the end, and begins near what one sees", () => {
  const matches = [10, 20, 30];
  expect(stepTo(matches, null, 15, 1)).toBe(20);
  expect(stepTo(matches, null, 15, -1)).toBe(10);
  expect(stepTo(matches, null, 31, 1)).toBe(10);
  expect(stepTo(matches, 30, 0, 1)).toBe(10);
  expect(stepTo(matches, 10, 0, -1)).toBe(30);
  expect(stepTo(matches, 25, 0, 1)).toBe(30);
});

test("a line that a link names is found as soon as it has come", () => {
  const buffer = new LogBuffer();
  const finder = new LineFinder();
  const wanted = { instance: null, n: 3 };
  buffer.line({ n: 2, text: "" });
  expect(finder.find(buffer.settle(), wanted)).toBeNull();
  buffer.line({ n: 3, text: "" });
  expect(finder.find(buffer.settle(), wanted)).toBe(2);
  expect(finder.find(buffer.settle(), null)).toBeNull();
});

test.each([0, 20])(
  "where rows stand is the same whether they came at once or one by one, at %i columns",
  (columns) => {
    const buffer = new LogBuffer(200);
    const grown = new RowLayout(columns);
    for (let n = 1; n <= 900; n += 1) {
      buffer.line({ n, text: "x".repeat((n * 7) % 90) });
      if (n % 13 !== 0) continue;
      const rows = buffer.settle();
      grown.update(rows);
      const fresh = new RowLayout(columns);
      fresh.update(rows);
      expect(grown.total).toBe(fresh.total);
      for (const index of [0, 1, rows.length >> 1, rows.length - 1]) {
        expect(grown.offset(index)).toBe(fresh.offset(index));
        expect(grown.indexAt(grown.offset(index))).toBe(index);
        expect(grown.indexAt(grown.offset(index) + LINE - 1)).toBe(index);
      }
      expect(indexOfKey(rows, rows.at(-1)?.key ?? 0)).toBe(rows.length - 1);
    }
  },
);

test("what programs write for terminals is shown as text in colours and nothing else", () => {
  expect(coloursOnly("\x1b]8;;https://evil.example\x07click\x1b]8;;\x07")).toBe("click");
  expect(coloursOnly("\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m")).toBe("\x1b[31mred\x1b[0m");
  expect(coloursOnly("10 %\r55 %\r100 %\r")).toBe("100 %");
  expect(coloursOnly(`${"a".repeat(50)}\x1b[31mb`, 50)).toBe("a".repeat(50));
  expect(plain("\x9b31mred\x1bPq#0\x1b\\ \x00")).toBe("31mred ");
});
