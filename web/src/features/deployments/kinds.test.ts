import { expect, test } from "vitest";
import { releaseWords } from "@/lib/words-running";
import { canRollBack, kindOf, needsDeploy } from "./kinds";

test.each([
  ["live", "live", false, false],
  ["instant", "instant", true, false],
  ["image", "image", true, false],
  ["gone", "gone", false, true],
  ["what a newer server says", "unknown", false, true],
] as const)("a release that is %s counts as %s", (rollback, kind, rolled, deployed) => {
  expect(kindOf({ rollback })).toBe(kind);
  expect([canRollBack(kind), needsDeploy(kind)]).toEqual([rolled, deployed]);
  expect(releaseWords.kindHelp[kind]).toMatch(/\.$/);
});
