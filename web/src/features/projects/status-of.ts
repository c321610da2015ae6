import { serverNow } from "@/lib/clock";
import { moment } from "@/lib/time";
import type { Deployment, Environment, Project } from "@/lib/types";

/** The environment that a project's own page shows. */
export function production(project: Project): Environment | undefined {
  return project.environments.find((each) => each.kind === "production") ?? project.environments[0];
}

/** The newest attempt, or what is live when there is no other. */
export function newest(project: Project): Deployment | null {
  const environment = production(project);
  return environment?.latest ?? environment?.live ?? null;
}

/** One word for a project: its newest attempt's, `none` before the first. A cancelled attempt hides nothing that is live. */
export function statusOf(project: Project): string {
  if (project.deleted_at) return "deleted";
  const environment = production(project);
  const latest = environment?.latest;
  if (!latest) return environment?.live ? "live" : "none";
  if ((latest.status === "cancelled" || latest.status === "replaced") && environment?.live) return "live";
  return latest.status;
}

/** True once nothing can bring it back: the server is removing what is left. Clocks may differ by some seconds. */
export function goneForGood(project: Project): boolean {
  return Boolean(project.deleted_at && project.purge_at && Date.parse(project.purge_at) - serverNow() < 5000);
}

export const alive = (projects: Project[] | undefined): Project[] =>
  projects?.filter((each) => !each.deleted_at) ?? [];

export const restorable = (projects: Project[] | undefined): Project[] =>
  projects?.filter((each) => each.deleted_at && !goneForGood(each)) ?? [];

/** The moment until which a deleted project can come back, in words. */
export const untilOf = (project: Project): string =>
  project.purge_at ? moment(Date.parse(project.purge_at)) : "";
