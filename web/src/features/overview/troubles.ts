/** What a person must look at, worst first: pure, from what the pages already know. */
import { summaryOf, unwell } from "@/features/processes/instances";
import { alive, production } from "@/features/projects/status-of";
import { SHORT, share } from "@/features/workers/disk-share";
import { bytes } from "@/lib/time";
import type { Environment, Instance, Platform, Project, Worker } from "@/lib/types";
import { wordFor } from "@/lib/words";
import { overviewWords } from "@/lib/words-platform";
import { processWords } from "@/lib/words-running";

const text = overviewWords.troubles;

export type Place =
  | { to: "/deployments/$deploymentId"; params: { deploymentId: string } }
  | { to: "/projects/$projectId"; params: { projectId: string } }
  | { to: "/projects/$projectId/processes"; params: { projectId: string } }
  | { to: "/workers/$workerId"; params: { workerId: string } }
  | { to: "/platform" };

export type Trouble = {
  key: string;
  /** Whose icon stands before it. */
  status: string;
  weight: 0 | 1 | 2;
  /** The app, worker or base image. */
  name: string;
  what: string;
  detail: string;
  at: string | null;
  place: Place;
};

/** What is known so far; a part that is still on its way is left out and says nothing. */
export type Known = {
  projects?: Project[];
  instances?: Instance[];
  workers?: Worker[];
  platform?: Platform;
};

const firstLine = (detail: string | null): string => (detail ?? "").split("\n", 1)[0] ?? "";

export function byEnvironment(instances: Instance[]): Map<string, Instance[]> {
  const found = new Map<string, Instance[]>();
  for (const each of instances) {
    const others = found.get(each.environment_id);
    if (others) others.push(each);
    else found.set(each.environment_id, [each]);
  }
  return found;
}

function ofInstances(project: Project, environment: Environment, instances: Instance[]): Trouble[] {
  // A deployment under way says itself how its instances do; here is what visitors get now.
  const wrong = instances.filter((each) => unwell(each) && each.deployment_id === environment.live?.id);
  const [first] = wrong;
  if (!first) return [];
  const { ready, wanted } = summaryOf(environment, instances);
  const why = first.reason ? wordFor(processWords.reasons, first.reason) : "";
  return [
    {
      key: `instances-${environment.id}`,
      status: ready === 0 ? "exited" : "unready",
      weight: ready === 0 ? 0 : 1,
      name: project.name,
      what: text.instances(ready, wanted),
      detail: [why, firstLine(first.detail)].filter(Boolean).join(": "),
      at: first.last_end?.at ?? first.updated_at,
      place: { to: "/projects/$projectId/processes", params: { projectId: project.id } },
    },
  ];
}

function ofProject(project: Project, instances: Instance[]): Trouble[] {
  const environment = production(project);
  if (!environment) return [];
  const found: Trouble[] = [];
  const { latest, live } = environment;
  if (latest?.status === "failed") {
    const stays = live ? text.staysLive(live.number) : text.nothingLive;
    found.push({
      key: `failed-${latest.id}`,
      status: "failed",
      weight: live ? 1 : 0,
      name: project.name,
      what: text.failed(latest.number),
      detail: [firstLine(latest.detail), stays].filter(Boolean).join(" "),
      at: latest.finished_at ?? latest.created_at,
      place: { to: "/deployments/$deploymentId", params: { deploymentId: latest.id } },
    });
  }
  found.push(...ofInstances(project, environment, instances));
  const place: Place = { to: "/projects/$projectId", params: { projectId: project.id } };
  if (project.last_seen?.error) {
    found.push({
      key: `repository-${project.id}`,
      status: "unready",
      weight: 1,
      name: project.name,
      what: text.repository,
      detail: firstLine(project.last_seen.error),
      at: project.last_seen.at,
      place,
    });
  }
  if (environment.rebuild) {
    found.push({
      key: `older-${environment.id}`,
      status: "replaced",
      weight: 2,
      name: project.name,
      what: text.older,
      detail: firstLine(environment.rebuild),
      at: live?.finished_at ?? null,
      place,
    });
  }
  return found;
}

function ofWorker(worker: Worker): Trouble[] {
  if (worker.admin === "retired" || worker.health === "joining") return [];
  const common = {
    name: worker.name,
    at: worker.last_seen_at,
    place: { to: "/workers/$workerId", params: { workerId: worker.id } } satisfies Place,
  };
  const found: Trouble[] = [];
  if (worker.health === "lost" || !worker.connected) {
    found.push({
      ...common,
      key: `gone-${worker.id}`,
      status: "lost",
      weight: 0,
      what: text.gone,
      detail: text.goneHelp,
    });
  } else if (worker.firewall && !worker.firewall.closed) {
    found.push({
      ...common,
      key: `open-${worker.id}`,
      status: "failed",
      weight: 0,
      what: text.open,
      detail: worker.firewall.detail || text.openHelp,
    });
  }
  if (worker.disk && share(worker.disk) >= SHORT) {
    const percent = share(worker.disk);
    found.push({
      ...common,
      key: `disk-${worker.id}`,
      status: percent >= 100 ? "failed" : "unready",
      weight: percent >= 100 ? 0 : 1,
      what: text.disk(Math.round(percent)),
      detail: percent >= 100 ? text.diskOver : text.diskHelp(bytes(worker.disk.free_bytes)),
    });
  }
  return found;
}

function ofPlatform(platform: Platform, others: number): Trouble[] {
  const failed = platform.bases.filter((base) => base.status === "failed");
  const found = failed.map(
    (base): Trouble => ({
      key: `base-${base.name}`,
      status: "failed",
      weight: base.on_demand ? 1 : 0,
      name: base.name.split("/").at(-1) ?? base.name,
      what: text.base,
      detail: firstLine(base.detail),
      at: null,
      place: { to: "/platform" },
    }),
  );
  // What it waits for is told once: a worker that is gone or a base that failed says it better.
  if (platform.state !== "ready" && failed.length + others === 0) {
    found.push({
      key: "preparing",
      status: "preparing",
      weight: 1,
      name: overviewWords.platform,
      what: text.preparing,
      detail: firstLine(platform.detail),
      at: null,
      place: { to: "/platform" },
    });
  }
  return found;
}

/** All of it, worst first, the newest of equals first. */
export function troublesOf({ projects, instances, workers, platform }: Known): Trouble[] {
  const grouped = byEnvironment(instances ?? []);
  const ofWorkers = (workers ?? []).flatMap(ofWorker);
  const found = [
    ...alive(projects).flatMap((each) => ofProject(each, grouped.get(production(each)?.id ?? "") ?? [])),
    ...ofWorkers,
    ...(platform ? ofPlatform(platform, ofWorkers.filter((each) => each.weight === 0).length) : []),
  ];
  return found.sort(
    (one, other) => one.weight - other.weight || (other.at ?? "").localeCompare(one.at ?? ""),
  );
}
