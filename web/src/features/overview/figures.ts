/** What runs, in numbers and in few rows. */
import { type Summary, summaryOf } from "@/features/processes/instances";
import { newest, production, statusOf } from "@/features/projects/status-of";
import type { Instance, Project } from "@/lib/types";
import { byEnvironment } from "./troubles";

export type App = { project: Project; status: string; summary: Summary | null; at: string };

export type Figures = {
  apps: App[];
  live: number;
  ready: number;
  wanted: number;
};

/** First what failed, then what is changing, then the rest. */
const FIRST: Record<string, number> = { failed: 0, building: 1, starting: 1, verifying: 1, queued: 1 };

function appOf(project: Project, instances: Map<string, Instance[]> | null): App {
  const environment = production(project);
  const latest = newest(project);
  return {
    project,
    status: statusOf(project),
    summary:
      environment?.live && instances ? summaryOf(environment, instances.get(environment.id) ?? []) : null,
    at: latest?.finished_at ?? latest?.created_at ?? project.created_at,
  };
}

/** Projects that are not deleted, those to look at first; counts are of what is live. */
export function figuresOf(projects: Project[], instances: Instance[] | undefined): Figures {
  const grouped = instances ? byEnvironment(instances) : null;
  const apps = projects
    .map((each) => appOf(each, grouped))
    .sort(
      (one, other) => (FIRST[one.status] ?? 2) - (FIRST[other.status] ?? 2) || other.at.localeCompare(one.at),
    );
  const summaries = apps.flatMap((each) => (each.summary ? [each.summary] : []));
  return {
    apps,
    live: projects.filter((each) => production(each)?.live).length,
    ready: summaries.reduce((sum, each) => sum + Math.min(each.ready, each.wanted), 0),
    wanted: summaries.reduce((sum, each) => sum + each.wanted, 0),
  };
}
