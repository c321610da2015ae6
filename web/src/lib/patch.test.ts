import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { applyEvent, patchProject, recentAfter } from "./patch";
import { teamQuery, teamsQuery } from "./queries";
import type { Project } from "./types";

const page = (ids: string[], cursor: string | null = null) => ({
  items: ids.map((id) => ({ id })),
  next_cursor: cursor,
});
const ids = (found: { items: { id: string }[] }) => found.items.map((each) => each.id);

test("what is new comes first, and what is known stays where it is", () => {
  expect(ids(recentAfter(page(["3", "1"]), { id: "4" }))).toEqual(["4", "3", "1"]);
  expect(ids(recentAfter(page(["3", "1"]), { id: "2" }))).toEqual(["3", "2", "1"]);
  expect(ids(recentAfter(page(["3", "1"]), { id: "1" }))).toEqual(["3", "1"]);
  expect(ids(recentAfter(page([]), { id: "1" }))).toEqual(["1"]);
});

test("what is older than a page's end belongs to the next page", () => {
  expect(ids(recentAfter(page(["3", "2"], "more"), { id: "1" }))).toEqual(["3", "2"]);
  expect(ids(recentAfter(page(["3", "2"]), { id: "1" }))).toEqual(["3", "2", "1"]);
});

test("a project made elsewhere stands first, as in the list that the server gives", () => {
  const client = new QueryClient();
  const project = (id: string, name: string) => ({ id, name }) as Project;
  client.setQueryData(["projects"], {
    items: [project("2", "blog"), project("1", "shop")],
    next_cursor: null,
  });
  patchProject(client, project("3", "zoo"));
  patchProject(client, project("1", "shop-2"));
  const found = client.getQueryData<{ items: Project[] }>(["projects"])?.items.map(({ name }) => name);
  expect(found).toEqual(["zoo", "blog", "shop-2"]);
});

test("a team is shown as its event says it, and its row is asked for again; other teams stay", () => {
  const client = new QueryClient();
  for (const key of [["team", "a"], ["team", "b"], teamsQuery.queryKey])
    client.setQueryData(key, { people: [] });
  applyEvent(client, "team", JSON.stringify({ id: "a", people: [{ name: "Ada" }] }));
  const people = ["a", "b"].map((id) => client.getQueryData(teamQuery(id).queryKey)?.people.length);
  expect(people).toEqual([1, 0]);
  expect(client.getQueryState(teamsQuery.queryKey)?.isInvalidated).toBe(true);
});
