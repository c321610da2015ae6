import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { type Access, agrees, applyAccess, forgetTeams, lostTeams, teamOf } from "./access";
import { sessionQuery } from "./queries";
import type { Project, Session, Team } from "./types";

const team = (id: string, role: Team["role"] = "developer") => ({ id, name: id, role }) as Team;
const session = (...teams: Team[]) => ({ user: { id: "u", operator: false }, teams }) as unknown as Session;
const access = (teams: Access["teams"], projects: Access["projects"] = {}): Access => ({
  operator: false,
  teams,
  projects,
});
const project = (id: string, team_id: string) =>
  ({ id, team_id, environments: [{ id: `${id}-e` }] }) as Project;

const stale = (client: QueryClient, key: readonly unknown[]) =>
  client.getQueryState([...key])?.isInvalidated ?? null;

test("a session agrees with the stream when teams, roles and the operator are the same", () => {
  const mine = session(team("a", "owner"), team("b"));
  expect(agrees(mine, access({ b: "developer", a: "owner" }))).toBe(true);
  expect(agrees(mine, access({ b: "viewer", a: "owner" }))).toBe(false);
  expect(agrees(mine, access({ a: "owner" }))).toBe(false);
  expect(agrees(mine, access({ a: "owner", b: "developer", c: "viewer" }))).toBe(false);
  expect(agrees(mine, { ...access({ b: "developer", a: "owner" }), operator: true })).toBe(false);
});

test("what the buttons go by is asked for again when one's role changed, and only then", () => {
  const client = new QueryClient();
  client.setQueryData(sessionQuery.queryKey, session(team("a")));
  client.setQueryData(["team", "a"], {});
  applyAccess(client, access({ a: "developer" }));
  expect([stale(client, sessionQuery.queryKey), stale(client, ["team", "a"])]).toEqual([false, false]);
  applyAccess(client, access({ a: "viewer" }));
  expect([stale(client, sessionQuery.queryKey), stale(client, ["team", "a"])]).toEqual([true, true]);
});

test("a role in one project asks for that project's roles again, and not at the stream's beginning", () => {
  const client = new QueryClient();
  client.setQueryData(sessionQuery.queryKey, session(team("a")));
  client.setQueryData(["project-roles", "p"], {});
  applyAccess(client, access({ a: "developer" }, { p: "viewer" }));
  expect(stale(client, ["project-roles", "p"])).toBe(false);
  applyAccess(client, access({ a: "developer" }));
  expect(stale(client, ["project-roles", "p"])).toBe(true);
});

test("lost are the teams of the same person that are not there any more", () => {
  expect(lostTeams(session(team("a"), team("b")), session(team("b"), team("c"))).map(({ id }) => id)).toEqual(
    ["a"],
  );
  const other = { ...session(), user: { id: "v" } } as unknown as Session;
  expect(lostTeams(session(team("a")), other)).toEqual([]);
});

test("a page is of the team that it names, or that owns what it shows", () => {
  const client = new QueryClient();
  client.setQueryData(["projects"], { items: [project("p", "a")], next_cursor: null });
  client.setQueryData(["deployment", "d"], { project_id: "p" });
  const found = ["/teams/a", "/projects/p", "/projects/p/logs", "/deployments/d"].map((path) =>
    teamOf(client, path),
  );
  expect(found).toEqual(["a", "a", "a", "a"]);
  const none = ["/", "/projects", "/projects/new", "/deployments/x", "/account"].map((path) =>
    teamOf(client, path),
  );
  expect(none).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test("what was of a lost team is forgotten, and what is of others stays", () => {
  const client = new QueryClient();
  client.setQueryData(["projects"], { items: [project("p", "a"), project("q", "b")], next_cursor: null });
  for (const key of [
    ["team", "a"],
    ["project", "p"],
    ["variables", "p-e"],
    ["project", "q"],
    ["team", "b"],
  ])
    client.setQueryData(key, {});
  forgetTeams(client, ["a"]);
  const kept = client
    .getQueryCache()
    .getAll()
    .map(({ queryKey }) => queryKey.join(" "));
  expect(kept.sort()).toEqual(["project q", "projects", "team b"]);
  expect(client.getQueryData<{ items: Project[] }>(["projects"])?.items.map(({ id }) => id)).toEqual(["q"]);
});
