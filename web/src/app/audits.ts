import { atLeast } from "@/features/teams/roles";
import type { Session } from "@/lib/types";

/** Whether there is an audit log to read: an operator's, or one of a team that one is admin or owner of. */
export const audits = ({ user, teams }: Session): boolean =>
  user.operator || teams.some(({ role }) => atLeast(role, "admin"));
