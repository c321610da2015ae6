/** Which instances are what: those that serve, those that leave, those kept for a rollback, and which are unwell. */
import type { Deployment, Environment, Instance } from "@/lib/types";

export type Sorted = {
  /** Wanted running and not on their way out; those of a deployment under way included. */
  serving: Instance[];
  leaving: Instance[];
  kept: Instance[];
};

export function sorted(instances: Instance[]): Sorted {
  const parts: Sorted = { serving: [], leaving: [], kept: [] };
  for (const each of instances) {
    if (each.status === "removed") continue;
    if (each.leaving) parts.leaving.push(each);
    else if (each.wanted === "stopped") parts.kept.push(each);
    else parts.serving.push(each);
  }
  return parts;
}

/** Something a person must look at: it ended, or does not answer, or says why it is not well. */
export function unwell(instance: Instance): boolean {
  if (instance.leaving || instance.wanted === "stopped") return false;
  return instance.status === "exited" || instance.status === "unready" || Boolean(instance.reason);
}

export type Summary = {
  ready: number;
  wanted: number;
  starting: number;
  draining: number;
  wrong: Instance[];
};

/** What counts for visitors: the live deployment's instances, or those of the one that tries to be. */
export function summaryOf(environment: Environment, instances: Instance[]): Summary {
  const { serving, leaving } = sorted(instances);
  const counted: Deployment | null = environment.live ?? environment.latest;
  const own = serving.filter((each) => each.deployment_id === counted?.id);
  return {
    ready: own.filter((each) => each.status === "ready").length,
    wanted: environment.replicas,
    starting: serving.filter((each) => each.status === "pending" || each.status === "starting").length,
    draining: leaving.filter((each) => each.status === "ready" || each.status === "unready").length,
    wrong: serving.filter(unwell),
  };
}

/** Since when it is what it is, and what that moment was: the start of this run, its end, or its being stopped. */
export function sinceOf(instance: Instance): { what: "started" | "endedAt" | "stoppedAt"; at: string } {
  if (instance.wanted === "stopped") return { what: "stoppedAt", at: instance.updated_at };
  const at = instance.last_end?.at ?? instance.created_at;
  return { what: instance.status === "exited" ? "endedAt" : "started", at };
}

const UP = new Set(["starting", "ready", "unready"]);

/** One word for an instance; on its way out it says so instead of what it still is. */
export function wordOf(instance: Instance): string {
  if (!instance.leaving)
    return instance.wanted === "stopped" && UP.has(instance.status) ? "stopping" : instance.status;
  return instance.status === "ready" || instance.status === "unready" ? "draining" : "leaving";
}
