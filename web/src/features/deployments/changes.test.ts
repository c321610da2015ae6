import { expect, test } from "vitest";
import type { Changes } from "@/lib/types";
import { commits, oneLine, sizes, variableChanges } from "./changes";

const MB = 1024 ** 2;
const changes = (more: Partial<Changes> = {}): Changes => ({
  state: "changed",
  previous: { release: 3, commit: "1".repeat(40) },
  commit: "2".repeat(40),
  backwards: false,
  compare_url: null,
  variables: { added: [], changed: [], removed: [] },
  image_rebuilt: true,
  image_size_before: 80 * MB,
  image_size: 84 * MB,
  base: { change: "same", before: ["python:3.13"], after: ["python:3.13"] },
  settings: [],
  ...more,
});

test("names of variables stand in one order, each with what became of it", () => {
  const variables = { added: ["ZED"], changed: ["B"], removed: ["A"] };
  expect(variableChanges(changes({ variables })).map((each) => `${each.mark} ${each.name}`)).toEqual([
    "removed A",
    "changed B",
    "added ZED",
  ]);
});

test("a size says from what to what, and by how much", () => {
  expect(sizes(changes())).toBe("80 MB → 84 MB (+4.0 MB)");
  expect(sizes(changes({ image_size: 70 * MB }))).toBe("80 MB → 70 MB (−10 MB)");
  expect(sizes(changes({ image_rebuilt: false, image_size: 80 * MB }))).toBe("the same image, 80 MB");
  expect(sizes(changes({ image_size_before: null }))).toBe("84 MB");
  expect(sizes(changes({ image_size: null }))).toBe("");
});

test("a commit is told once where both are of it", () => {
  expect(commits(changes())).toBe("1111111 → 2222222");
  expect(commits(changes({ commit: "1".repeat(40) }))).toBe("1111111, the same commit");
  expect(commits(changes({ previous: null }))).toBe("2222222");
  expect(commits(changes({ commit: null }))).toBe("");
});

test("one line holds what a reader of a list looks for, and leaves out what is the same", () => {
  expect(oneLine(changes({ state: "first" }))).toBe("first release");
  expect(oneLine(changes({ state: "same" }))).toBe("nothing changed");
  expect(oneLine(changes())).toBe("commit, +4.0 MB");
  expect(oneLine(changes({ image_size: 80 * MB + 5 }))).toBe("commit");
  const all = changes({
    backwards: true,
    variables: { added: ["A"], changed: ["B"], removed: [] },
    settings: [{ name: "web.port", before: null, after: "80" }],
    base: { change: "newer", before: [], after: [] },
    image_size: 80 * MB,
  });
  expect(oneLine(all)).toBe("goes back, commit, 2 variables, 1 setting, base image");
});
