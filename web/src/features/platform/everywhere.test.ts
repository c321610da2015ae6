import { expect, test } from "vitest";
import type { BaseImage, Platform, Worker } from "@/lib/types";
import { basesOf, diskOf } from "./everywhere";

const base = (name: string, status: string, seconds = 1): BaseImage => ({
  name: `localhost/wisehosting/${name}`,
  status,
  seconds,
  detail: status === "failed" ? "no space" : "",
  on_demand: false,
});
const worker = (bases: BaseImage[], facts: Partial<Worker> = {}): Worker =>
  ({ admin: "active", bases, disk: null, ...facts }) as Worker;
const platform = (bases: BaseImage[]) => ({ bases }) as Platform;

test("a base image is as it is where it is worst, and says on how many workers it is ready", () => {
  const workers = [
    worker([base("debian", "ready", 4), base("python", "ready")]),
    worker([base("debian", "failed"), base("python", "ready")]),
    worker([base("debian", "failed")], { admin: "retired" }),
  ];
  const found = basesOf(platform([]), workers);
  expect(found.map((each) => [each.short, each.status, each.ready, each.workers, each.detail])).toEqual([
    ["debian", "failed", 1, 2, "no space"],
    ["python", "ready", 2, 2, ""],
  ]);
  expect(found[0]?.seconds).toBe(4);
});

test("who may not see workers sees the platform's base images", () => {
  const [only] = basesOf(platform([base("debian", "building")]), undefined);
  expect([only?.status, only?.workers]).toEqual(["preparing", 0]);
});

test("the disks of all workers count as one, with a budget if each has one", () => {
  const disk = (budget: number | null) => ({ budget_bytes: budget, used_bytes: 10, free_bytes: 30 });
  expect(diskOf([worker([])])).toBeNull();
  expect(diskOf([worker([], { disk: disk(50) }), worker([], { disk: disk(70) })])).toEqual({
    budget_bytes: 120,
    used_bytes: 20,
    free_bytes: 60,
  });
  expect(diskOf([worker([], { disk: disk(50) }), worker([], { disk: disk(null) })])?.budget_bytes).toBeNull();
});
