import { expect, test } from "vitest";
import type { Worker } from "@/lib/types";
import { loadOf, memoryOf, statusOfWorker } from "./load";

const worker = (facts: Partial<Worker>): Worker =>
  ({ admin: "active", health: "ready", connected: true, capacity: {}, ...facts }) as Worker;

test("promised memory is measured against what the worker has, also when it is more", () => {
  const half = worker({ capacity: { memory_bytes: 1000 } });
  const load = { worker_id: "w", running: 1, kept: 0, memory_bytes: 1500 };
  expect(memoryOf(half, load)).toEqual({ promised: 1500, whole: 1000, percent: 150 });
  expect(memoryOf(half, undefined)).toBeNull();
  expect(memoryOf(half, loadOf([load], "other"))?.percent).toBe(0);
  expect(loadOf(undefined, "w")).toBeUndefined();
  expect(loadOf([load], "w")).toBe(load);
  expect(memoryOf(worker({}), load)).toBeNull();
});

test("a worker's one word is the most important of what it is and what is wanted of it", () => {
  expect(statusOfWorker(worker({}))).toBe("ready");
  expect(statusOfWorker(worker({ admin: "cordoned" }))).toBe("cordoned");
  expect(statusOfWorker(worker({ admin: "draining", connected: false }))).toBe("lost");
  expect(statusOfWorker(worker({ health: "joining", connected: false }))).toBe("joining");
  expect(statusOfWorker(worker({ admin: "retired", health: "lost" }))).toBe("retired");
});
