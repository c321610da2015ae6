import { describe, expect, test } from "vitest";
import type { Project } from "@/lib/types";
import { listed, readListing } from "./listing";

const project = (name: string, status: string | null, created = "2026-01-01T00:00:00Z", subject = "") =>
  ({
    id: name,
    name,
    created_at: created,
    deleted_at: null,
    environments: [
      {
        kind: "production",
        url: `http://${name}.apps.test/`,
        live: null,
        latest: status && { status, subject, created_at: created, finished_at: null },
      },
    ],
  }) as unknown as Project;

const names = (projects: Project[]) => projects.map(({ name }) => name);

describe("the list of projects", () => {
  const api = project("api", "live", "2026-03-01T00:00:00Z", "Answer faster");
  const blog = project("blog", "failed", "2026-01-01T00:00:00Z", "Write");
  const shop = project("shop", null, "2026-02-01T00:00:00Z");
  const all = [shop, api, blog];

  test("keeps the order it comes in", () => expect(names(listed(all, {}))).toEqual(["shop", "api", "blog"]));
  test("goes by name", () => expect(names(listed(all, { sort: "name" }))).toEqual(["api", "blog", "shop"]));
  test("puts what failed first by status, what never ran last", () =>
    expect(names(listed(all, { sort: "status" }))).toEqual(["blog", "api", "shop"]));
  test("puts what changed last first by age", () =>
    expect(names(listed(all, { sort: "age" }))).toEqual(["api", "shop", "blog"]));
  test("finds a project by its name, its URL and its commit", () => {
    expect(names(listed(all, { filter: "SH" }))).toEqual(["shop"]);
    expect(names(listed(all, { filter: "blog.apps" }))).toEqual(["blog"]);
    expect(names(listed(all, { filter: "faster answer" }))).toEqual(["api"]);
    expect(listed(all, { filter: "nothing" })).toEqual([]);
  });
  test("finds the projects of a team", () => {
    const teamOf = ({ name }: Project) => (name === "shop" ? "sales" : "tools");
    expect(names(listed(all, { filter: "sales" }, teamOf))).toEqual(["shop"]);
    expect(names(listed(all, { filter: "tools blog" }, teamOf))).toEqual(["blog"]);
    expect(listed(all, { filter: "sales" })).toEqual([]);
  });
});

describe("the address of the list", () => {
  test("says filter and order", () =>
    expect(readListing({ filter: "a b", sort: "age" })).toEqual({ filter: "a b", sort: "age" }));
  test("leaves out what it does not know", () => {
    expect(readListing({ filter: "", sort: "size", other: 1 })).toEqual({});
  });
  test("keeps a filter of digits", () => expect(readListing({ filter: 42 })).toEqual({ filter: "42" }));
});
