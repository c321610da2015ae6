import { expect, test } from "vitest";
import { EventParser } from "./sse";

test("an event may come in pieces, and its lines may end in any way", () => {
  const parser = new EventParser();
  expect(parser.push("event: project\r")).toEqual([]);
  expect(parser.push('\nid: 1\ndata: {"a":')).toEqual([]);
  expect(parser.push("1}\n\n: keep-alive\n\n")).toEqual([{ event: "project", data: '{"a":1}', id: "1" }]);
});

test("a stream goes on after the last mark that came whole, with an event or alone", () => {
  const parser = new EventParser();
  expect(parser.lastId).toBeNull();
  parser.push("id: 1\ndata: a\n\n");
  expect(parser.lastId).toBe("1");
  expect(parser.push("id: 2\n")).toEqual([]);
  expect(parser.lastId).toBe("1");
  expect(parser.push("\n")).toEqual([]);
  expect(parser.lastId).toBe("2");
});
