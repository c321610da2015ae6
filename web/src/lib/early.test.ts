import { readFile } from "node:fs/promises";
import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, test, vi } from "vitest";
import { projectsQuery, sessionQuery } from "./queries";

const START = new URL("../../public/start.js", import.meta.url);

/** Runs the script of the page's head at an address; returns what it asked for. */
async function start(pathname: string, links: unknown[] = []): Promise<string[]> {
  const asked: string[] = [];
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("location", { pathname, origin: "http://localhost" });
  vi.stubGlobal("localStorage", { getItem: () => null });
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  vi.stubGlobal("document", { documentElement: { dataset: {} }, querySelectorAll: () => links });
  vi.stubGlobal("fetch", async (request: string | Request) => {
    const { pathname, search } = new URL(
      typeof request === "string" ? request : request.url,
      "http://localhost",
    );
    asked.push(pathname + search);
    return Response.json({ items: [], next_cursor: null });
  });
  new Function(await readFile(START, "utf8"))();
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

test("what a page waits for is asked for before its script is there, and not a second time", async () => {
  const asked = await start("/projects");
  expect(asked).toHaveLength(2);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await client.fetchQuery(sessionQuery);
  await client.fetchQuery(projectsQuery);
  expect(asked).toHaveLength(2);
});

test("an early answer is taken once: the next question is a new one", async () => {
  const asked = await start("/projects");
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await client.fetchQuery(sessionQuery);
  await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
  expect(asked.filter((path) => path === "/api/v1/session")).toHaveLength(2);
});

test("a page of one thing asks for it early, whatever part of it is shown", async () => {
  const id = "01a9658e-4dd1-7b5c-9a51-5e7c0f6f4a11";
  expect(await start(`/projects/${id}/logs`)).toEqual(["/api/v1/session", `/api/v1/projects/${id}`]);
  expect(await start(`/deployments/${id}`)).toEqual(["/api/v1/session", `/api/v1/deployments/${id}`]);
  expect(await start("/projects/new")).toEqual(["/api/v1/session"]);
  expect(await start("/account")).toEqual(["/api/v1/session"]);
});

test("scripts of the page that the address shows are asked for early, and those of no other page", async () => {
  const link = (when: string) => ({ dataset: { when }, rel: "", remove: vi.fn() });
  const [list, project, other] = [link("^/projects$"), link("^/projects/[0-9a-f-]{36}"), link("^/$")];
  await start("/projects", [list, project, other]);
  expect([list.rel, project.rel, other.rel]).toEqual(["modulepreload", "", ""]);
  const removed = [list, project, other].map((each) => each.remove.mock.calls.length);
  expect(removed, "nor do they stand in the way of their pages later").toEqual([0, 1, 1]);
});
