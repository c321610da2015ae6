/** Why something cannot be done now, as a sentence; null when it can. The server decides; this spares the try. */
import { ACTIVE } from "@/features/deployments/phases";
import type { Deployment, Environment, Project } from "@/lib/types";
import { changeWords } from "@/lib/words-running";

const text = changeWords.why;

/** The deployment that is under way, if one is. */
export function activeOf(environment: Environment | undefined): Deployment | null {
  const latest = environment?.latest;
  return latest && ACTIVE.has(latest.status) ? latest : null;
}

/** Nothing of a deleted project changes. */
export function whyNot(project: Project | undefined): string | null {
  return project?.deleted_at ? text.deleted : null;
}

export function whyNoRestart(project: Project, environment: Environment | undefined): string | null {
  if (project.deleted_at) return text.deleted;
  if (!environment?.live) return text.nothingLive;
  const active = activeOf(environment);
  return active ? text.underWay(active.number) : null;
}

export function whyNoCancel(project: Project, environment: Environment | undefined): string | null {
  if (project.deleted_at) return text.deleted;
  return activeOf(environment) ? null : text.nothingActive;
}
