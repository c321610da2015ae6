import { expect, test } from "vitest";
import { share } from "./disk-share";

test("a worker's disk is measured against its budget, or against the disk where there is none", () => {
  expect(share({ budget_bytes: 200, used_bytes: 50, free_bytes: 1000 })).toBe(25);
  expect(share({ budget_bytes: null, used_bytes: 50, free_bytes: 150 })).toBe(25);
  expect(share({ budget_bytes: 100, used_bytes: 150, free_bytes: 1000 })).toBe(100);
});
