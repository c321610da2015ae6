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
  const environment = production(project);
  const latest = environment?.latest;
  if (!latest) return environment?.live ? "live" : "none";
  if ((latest.status === "cancelled" || latest.status === "replaced") && environment?.live) return "live";
  return latest.status;
}
