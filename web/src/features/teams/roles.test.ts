import { describe, expect, test } from "vitest";
import type { Member, ProjectRole, Role, Team } from "@/lib/types";
import { atLeast, effective, givable, mayChange, teamsForProjects, withoutOwnRole } from "./roles";

const team = (role: Role, personal = false) => ({ id: role, role, personal }) as Team;
const member = (user_id: string, role: Role) => ({ user_id, role }) as Member;

describe("a role", () => {
  test("includes those below it", () => {
    expect(atLeast("admin", "developer")).toBe(true);
    expect(atLeast("viewer", "developer")).toBe(false);
    expect(atLeast("owner", "owner")).toBe(true);
  });
  test("in a project says more or less than the team's", () => {
    expect(effective("viewer", "developer")).toBe("developer");
    expect(effective("developer", "viewer")).toBe("viewer");
    expect(effective("viewer", undefined)).toBe("viewer");
  });
  test("in a project takes nothing from owners and admins", () => {
    expect(effective("admin", "viewer")).toBe("admin");
    expect(effective("owner", "viewer")).toBe("owner");
  });
  test("of owner is given by owners only", () => {
    expect(givable("owner")).toContain("owner");
    expect(givable("admin")).toEqual(["viewer", "developer", "admin"]);
    expect(givable("developer")).toEqual([]);
  });
});

describe("a member", () => {
  test("is changed by admins, an owner by owners", () => {
    expect(mayChange(team("admin"), "admin")).toBe(true);
    expect(mayChange(team("admin"), "owner")).toBe(false);
    expect(mayChange(team("owner"), "owner")).toBe(true);
    expect(mayChange(team("developer"), "viewer")).toBe(false);
  });
  test("of a personal team is not changed", () =>
    expect(mayChange(team("owner", true), "owner")).toBe(false));
  test("can get a role in a project when they have none there and are no admin", () => {
    const people = [member("a", "owner"), member("b", "viewer"), member("c", "developer")];
    const roles = [{ user_id: "c", role: "viewer" } as ProjectRole];
    expect(withoutOwnRole(people, roles).map(({ user_id }) => user_id)).toEqual(["b"]);
  });
});

test("projects are made where one is developer at least", () =>
  expect(teamsForProjects([team("owner"), team("viewer"), team("developer")]).map(({ id }) => id)).toEqual([
    "owner",
    "developer",
  ]));
