import { expect, test } from "vitest";
import { nameOf, subjectOf } from "./naming";
import { askedOf, exportHref, readWanted } from "./wanted";

const ID = "01a9658e-4dd1-7b5c-9a51-5e7c0f6f4a11";

test("an address says which part is shown, and what cannot be asked is left out", () => {
  expect(readWanted({ team: ID, action: "token.", actor: `user:${ID}`, since: "7d" })).toEqual({
    team: ID,
    action: "token.",
    actor: `user:${ID}`,
    since: "7d",
  });
  expect(
    readWanted({ team: "mine", action: "é", actor: "", subject: "x".repeat(121), since: "1y", other: 1 }),
  ).toEqual({});
  expect(readWanted({ since: "constructor" })).toEqual({});
});

test("a span of time is asked as the moment it begins at", () => {
  const now = Date.parse("2026-01-08T00:00:00Z");
  expect(askedOf({ action: "team.", since: "7d" }, now)).toEqual({
    action: "team.",
    since: "2026-01-01T00:00:00.000Z",
  });
  expect(askedOf({}, now)).toEqual({});
});

test("an export asks for what is shown", () => {
  expect(exportHref({})).toBe("/api/v1/audit-events/export");
  expect(exportHref({ actor: "user:1", action: "token." })).toBe(
    "/api/v1/audit-events/export?actor=user%3A1&action=token.",
  );
});

test("who it was has a name, or a kind and the end of its id", () => {
  expect(nameOf({ actor: `user:${ID}`, actor_name: "Ada" })).toBe("Ada");
  expect(nameOf({ actor: `user:${ID}` })).toBe("Somebody 4a11");
  expect(nameOf({ actor: `token:${ID}`, actor_name: "ci" })).toBe("ci (token)");
  expect(nameOf({ actor: `worker:${ID}` })).toBe("A worker 4a11");
  expect(nameOf({ actor: "platform" })).toBe("The platform");
  expect(nameOf({ actor: "wh-cp" })).toBe("wh-cp");
});

test("what it was done to is named by its row, or by its kind and the end of its id", () => {
  const of = (subject: string, detail = {}, subject_name?: string) =>
    subjectOf({ subject, detail, subject_name });
  expect(of(`deployment:${ID}`, { project: "shop", number: 12 })).toBe("shop #12");
  expect(of(`deployment:${ID}`)).toBe("Deployment 4a11");
  expect(of(`environment:${ID}`, { project: "shop", name: "production" })).toBe("shop / production");
  expect(of(`project:${ID}`, { name: "shop" })).toBe("shop");
  expect(of(`user:${ID}`, {}, "Ada")).toBe("Ada");
  expect(of(`token:${ID}`, {}, "ci")).toBe("ci (token)");
  expect(of(`invitation:${ID}`, { email: "bob@example.org" })).toBe("bob@example.org");
  expect(of(`session:${ID}`)).toBe("Session 4a11");
  expect(of("route:GET /api/v1/projects")).toBe("GET /api/v1/projects");
  expect(of("unheard-of")).toBe("unheard-of");
});
