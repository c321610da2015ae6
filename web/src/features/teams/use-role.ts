/** One's role in a project, and what it forbids, for the buttons of the project's pages. */
import { useQuery } from "@tanstack/react-query";
import { useSession } from "@/app/session-gate";
import { whyNot } from "@/features/projects/blocked";
import { projectRolesQuery } from "@/lib/queries";
import type { Project, Role } from "@/lib/types";
import { teamWords } from "@/lib/words-teams";
import { atLeast, effective } from "./roles";

/** One's role in a project; null as long as it is not known. */
export function useRole(project: Project | undefined): Role | null {
  const { teams, user } = useSession();
  const inTeam = teams.find(({ id }) => id === project?.team_id)?.role ?? null;
  const settled = inTeam === null || atLeast(inTeam, "admin");
  const { data } = useQuery({
    ...projectRolesQuery(project?.id ?? ""),
    enabled: Boolean(project) && !settled,
  });
  if (settled) return inTeam;
  return data ? effective(inTeam, data.items.find(({ user_id }) => user_id === user.id)?.role) : null;
}

/** Why one may not do what a role allows in a project; null when one may, or when that is not known yet. */
export function useTooLow(project: Project | undefined, needs: Role): string | null {
  const role = useRole(project);
  return role && !atLeast(role, needs) ? teamWords.why.needs(needs, role) : null;
}

/** Why nothing of a project can be changed now, as a sentence: it is deleted, or one's role is too low. */
export function useWhyNot(project: Project | undefined, needs: Role = "developer"): string | null {
  const tooLow = useTooLow(project, needs);
  return whyNot(project) ?? tooLow;
}
