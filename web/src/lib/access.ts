/** What one may do where, as the tab's stream tells it, held against what the pages go by. */
import type { QueryClient } from "@tanstack/react-query";
import { sessionQuery, teamsQuery } from "./queries";
import type { Deployment, Page, Project, Role, Session, Team } from "./types";

export type Access = {
  operator: boolean;
  teams: Record<string, Role>;
  projects: Record<string, Role>;
};

/** Whether a session says of teams and platform what the stream says. */
export function agrees(session: Session, access: Access): boolean {
  return (
    session.user.operator === access.operator &&
    session.teams.length === Object.keys(access.teams).length &&
    session.teams.every(({ id, role }) => access.teams[id] === role)
  );
}

/** Asks again for what the buttons go by, where it is not so any more. */
export function applyAccess(client: QueryClient, access: Access): void {
  const before = client.getQueryData<Access>(["access"]);
  client.setQueryData(["access"], access);
  if (before && JSON.stringify(before.projects) !== JSON.stringify(access.projects))
    void client.invalidateQueries({ queryKey: ["project-roles"] });
  const session = client.getQueryData(sessionQuery.queryKey);
  if (!session || agrees(session, access)) return;
  for (const queryKey of [sessionQuery.queryKey, teamsQuery.queryKey, ["team"], ["project-roles"]])
    void client.invalidateQueries({ queryKey: [...queryKey] });
}

/** The teams of one session that are not in the next. */
export function lostTeams(before: Session, after: Session): Team[] {
  if (before.user.id !== after.user.id) return [];
  return before.teams.filter(({ id }) => !after.teams.some((team) => team.id === id));
}

/** The team whose page an address shows, or the page of its project or deployment, as far as it is known here. */
export function teamOf(client: QueryClient, pathname: string): string | undefined {
  const [, kind, id = ""] = pathname.split("/");
  if (kind === "teams") return id;
  const deployment = kind === "deployments" ? client.getQueryData<Deployment>(["deployment", id]) : undefined;
  const projectId = deployment ? deployment.project_id : kind === "projects" ? id : "";
  return (
    client.getQueryData<Project>(["project", projectId]) ??
    client.getQueryData<Page<Project>>(["projects"])?.items.find((project) => project.id === projectId)
  )?.team_id;
}

/** Forgets what is kept here of teams that one is not in any more. */
export function forgetTeams(client: QueryClient, teams: readonly string[]): void {
  const all = client.getQueryData<Page<Project>>(["projects"])?.items ?? [];
  const theirs = all.filter((project) => teams.includes(project.team_id));
  const gone = new Set<unknown>([
    ...teams,
    ...theirs.flatMap(({ id, environments }) => [id, ...environments.map((environment) => environment.id)]),
  ]);
  client.removeQueries({ predicate: ({ queryKey }) => queryKey.some((part) => gone.has(part)) });
  client.setQueryData<Page<Project>>(
    ["projects"],
    (page) => page && { ...page, items: page.items.filter(({ id }) => !gone.has(id)) },
  );
}
