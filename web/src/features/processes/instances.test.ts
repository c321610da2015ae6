import { expect, test } from "vitest";
import type { Environment, Instance } from "@/lib/types";
import { sorted, summaryOf } from "./instances";

const instance = (id: string, more: Partial<Instance> = {}): Instance => ({
  id,
  project_id: "p",
  project_name: "shop",
  worker_id: "w",
  environment_id: "e",
  deployment_id: "live",
  process: "web",
  worker: "local",
  status: "ready",
  wanted: "running",
  leaving: false,
  reason: null,
  detail: null,
  next_step: null,
  port: 20000,
  restarts: 0,
  exit_code: null,
  last_end: null,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  ...more,
});

const environment = { id: "e", replicas: 3, live: { id: "live" }, latest: { id: "next" } } as Environment;

test("only ready instances of what is live count as ready", () => {
  const summary = summaryOf(environment, [
    instance("a"),
    instance("b", { status: "exited", reason: "crash_loop" }),
    instance("of the next deployment", { deployment_id: "next" }),
    instance("drained", { leaving: true }),
    instance("kept", { wanted: "stopped", status: "stopped" }),
  ]);
  expect(summary).toMatchObject({ ready: 1, wanted: 3, draining: 1, starting: 0 });
  expect(summary.wrong.map((each) => each.id)).toEqual(["b"]);
});

test("an instance that is kept and now removed is leaving, not kept", () => {
  const parts = sorted([instance("kept", { wanted: "stopped", status: "stopped", leaving: true })]);
  expect(parts.kept).toEqual([]);
  expect(parts.leaving).toHaveLength(1);
});
