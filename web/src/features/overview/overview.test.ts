import { expect, test } from "vitest";
import type { Deployment, Environment, Instance, Platform, Project, Worker } from "@/lib/types";
import { figuresOf } from "./figures";
import { troublesOf } from "./troubles";

const deployment = (number: number, more: Partial<Deployment> = {}): Deployment =>
  ({
    id: `d${number}`,
    number,
    status: "live",
    detail: null,
    created_at: `2026-01-0${number}T00:00:00Z`,
    finished_at: `2026-01-0${number}T00:01:00Z`,
    ...more,
  }) as Deployment;

const project = (name: string, more: Partial<Environment> = {}): Project =>
  ({
    id: name,
    name,
    created_at: "2026-01-01T00:00:00Z",
    deleted_at: null,
    last_seen: null,
    environments: [
      {
        id: `e-${name}`,
        kind: "production",
        replicas: 1,
        deleted_at: null,
        live: deployment(1),
        latest: deployment(1),
        rebuild: null,
        ...more,
      },
    ],
  }) as unknown as Project;

const instance = (id: string, environment: string, more: Partial<Instance> = {}): Instance =>
  ({
    id,
    environment_id: environment,
    deployment_id: "d1",
    status: "ready",
    wanted: "running",
    leaving: false,
    reason: null,
    detail: null,
    last_end: null,
    updated_at: "2026-01-01T00:00:00Z",
    ...more,
  }) as Instance;

const worker = (more: Partial<Worker> = {}): Worker =>
  ({
    id: "w",
    name: "local",
    admin: "active",
    health: "ready",
    connected: true,
    firewall: { closed: true, detail: "", probes: {} },
    disk: { budget_bytes: 100, used_bytes: 10, free_bytes: 1000 },
    last_seen_at: "2026-01-01T00:00:00Z",
    ...more,
  }) as Worker;

const platform = (more: Partial<Platform> = {}): Platform =>
  ({ state: "ready", detail: "", bases: [], workers: { ready: 1, total: 1 }, ...more }) as Platform;

const names = (known: Parameters<typeof troublesOf>[0]) => troublesOf(known).map((each) => each.key);

test("nothing is wrong where everything is well, and nothing is said of what is not known yet", () => {
  expect(names({})).toEqual([]);
  const known = {
    projects: [project("shop")],
    instances: [instance("a", "e-shop")],
    workers: [worker()],
    platform: platform(),
  };
  expect(names(known)).toEqual([]);
});

test("what visitors get none of stands before what they still get", () => {
  const projects = [
    project("kept", { latest: deployment(3, { status: "failed" }) }),
    project("gone", { live: null, latest: deployment(2, { status: "failed" }) }),
  ];
  expect(names({ projects })).toEqual(["failed-d2", "failed-d3"]);
});

test("an instance of a deployment under way is no trouble of what is live", () => {
  const instances = [
    instance("a", "e-shop"),
    instance("next", "e-shop", { deployment_id: "d2", status: "exited", reason: "crash_loop" }),
  ];
  expect(names({ projects: [project("shop")], instances })).toEqual([]);
});

test("an app none of whose instances is ready is worse than one that lacks some", () => {
  const projects = [project("some", { replicas: 2 }), project("none")];
  const instances = [
    instance("a", "e-some"),
    instance("b", "e-some", { status: "unready" }),
    instance("c", "e-none", { status: "exited", reason: "crash_loop", detail: "first\nsecond" }),
  ];
  const found = troublesOf({ projects, instances });
  expect(found.map((each) => [each.name, each.weight])).toEqual([
    ["none", 0],
    ["some", 1],
  ]);
  expect(found[0]?.detail).toContain("first");
  expect(found[0]?.detail).not.toContain("second");
});

test("a worker that is gone says that alone, and a retired one nothing", () => {
  const gone = worker({ health: "lost", connected: false, firewall: { closed: false, detail: "" } as never });
  expect(names({ workers: [gone] })).toEqual(["gone-w"]);
  expect(names({ workers: [worker({ admin: "retired", connected: false })] })).toEqual([]);
  expect(names({ workers: [worker({ firewall: { closed: false, detail: "x" } as never })] })).toEqual([
    "open-w",
  ]);
  const full = worker({ disk: { budget_bytes: 100, used_bytes: 95, free_bytes: 5 } });
  expect(names({ workers: [full] })).toEqual(["disk-w"]);
});

test("what the platform waits for is told once", () => {
  const waiting = platform({ state: "preparing", detail: "No worker is connected." });
  expect(names({ platform: waiting })).toEqual(["preparing"]);
  expect(names({ platform: waiting, workers: [worker({ connected: false })] })).toEqual(["gone-w"]);
});

test("apps that failed stand before those that change, those before the rest, and deleted ones are not counted as live", () => {
  const found = figuresOf(
    [
      project("calm"),
      project("changing", { latest: deployment(2, { status: "building" }) }),
      project("broken", { latest: deployment(3, { status: "failed" }) }),
      project("new", { live: null, latest: null }),
    ],
    [instance("a", "e-calm"), instance("b", "e-calm")],
  );
  expect(found.apps.map((each) => each.project.name).slice(0, 2)).toEqual(["broken", "changing"]);
  expect(found.live).toBe(3);
  expect([found.ready, found.wanted]).toEqual([1, 3]);
});
