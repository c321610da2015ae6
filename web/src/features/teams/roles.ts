/** What a role allows (docs/teams.md). The server decides; this spares the try and says why not. */
import type { Member, ProjectRole, Role, Team } from "@/lib/types";

/** Each may all that the ones before it may. */
export const ROLES: readonly Role[] = ["viewer", "developer", "admin", "owner"];

export const atLeast = (role: Role, wanted: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(wanted);

/** The role somebody has in a project: the project's own counts, but owners and admins keep theirs. */
export const effective = (inTeam: Role, inProject: Role | undefined): Role =>
  inProject === undefined || atLeast(inTeam, "admin") ? inTeam : inProject;

/** The roles that somebody can give: only owners make owners. */
export const givable = (mine: Role): Role[] => {
  if (!atLeast(mine, "admin")) return [];
  return ROLES.filter((role) => role !== "owner" || mine === "owner");
};

/** True when one may give a member another role, or remove them: only owners touch owners. */
export const mayChange = (team: Team, theirs: Role): boolean =>
  !team.personal && givable(team.role).includes(theirs);

/** The members whose role in a project can be set and is not yet: admins and owners keep theirs everywhere. */
export const withoutOwnRole = (people: Member[], roles: ProjectRole[]): Member[] =>
  people.filter(
    ({ role, user_id }) => !atLeast(role, "admin") && !roles.some((each) => each.user_id === user_id),
  );

/** The teams in which one may make a project. */
export const teamsForProjects = (teams: Team[]): Team[] =>
  teams.filter(({ role }) => atLeast(role, "developer"));
