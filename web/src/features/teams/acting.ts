/** What one can do to a team. Its answers go into the cache; the lists that name teams are asked for again. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { leaving, staying } from "@/app/leaving";
import { useGuarded } from "@/features/accounts/step-up";
import { api, ask } from "@/lib/client";
import { askOnce } from "@/lib/once";
import { sessionQuery, teamQuery, teamsQuery } from "@/lib/queries";
import type { Role, TeamDetail } from "@/lib/types";

/** Asks again for what names one's teams and roles. */
export function useFresh() {
  const client = useQueryClient();
  return async () => {
    await Promise.all(
      [teamsQuery, sessionQuery].map(({ queryKey }) => client.invalidateQueries({ queryKey: [...queryKey] })),
    );
  };
}

function useKeep() {
  const client = useQueryClient();
  const fresh = useFresh();
  return (team: TeamDetail) => {
    client.setQueryData(teamQuery(team.id).queryKey, team);
    void fresh();
  };
}

export function useCreateTeam() {
  const fresh = useFresh();
  return useMutation({
    mutationFn: (name: string) =>
      askOnce(`team ${name}`, (header) => api.POST("/api/v1/teams", { params: { header }, body: { name } })),
    // The way to the new team waits for it: its name is in the bar then.
    onSuccess: fresh,
  });
}

export function useChangeTeam(teamId: string) {
  const keep = useKeep();
  return useGuarded({
    mutationFn: (body: { name?: string; second_factor_required?: boolean }) =>
      ask(api.PATCH("/api/v1/teams/{team_id}", { params: { path: { team_id: teamId } }, body })),
    onSuccess: keep,
  });
}

/** Asks a second factor of all members. */
export function useAskFactor(teamId: string, onDone: () => void) {
  const keep = useKeep();
  return useGuarded({
    mutationFn: () =>
      ask(
        api.PATCH("/api/v1/teams/{team_id}", {
          params: { path: { team_id: teamId } },
          body: { second_factor_required: true },
        }),
      ),
    onSuccess: (team) => {
      onDone();
      keep(team);
    },
  });
}

export function useSetRole(teamId: string, onSettled: (userId: string) => void) {
  const keep = useKeep();
  return useGuarded({
    mutationFn: ({ userId, role }: { userId: string; role: Role }) =>
      ask(
        api.PATCH("/api/v1/teams/{team_id}/members/{user_id}", {
          params: { path: { team_id: teamId, user_id: userId } },
          body: { role },
        }),
      ),
    onSuccess: keep,
    onSettled: (_, __, { userId }) => onSettled(userId),
  });
}

/** Goes to the list of teams, then forgets one that is not one's own any more, and what was its. */
function useGone() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const fresh = useFresh();
  return async (teamId: string) => {
    await navigate({ to: "/teams" });
    client.removeQueries({ queryKey: teamQuery(teamId).queryKey });
    for (const key of ["projects", "team-instances", "recent-deployments"])
      void client.invalidateQueries({ queryKey: [key] });
    await fresh();
  };
}

/** Takes somebody out; or leaves, and goes to the other teams. */
export function useRemoveMember(teamId: string) {
  const client = useQueryClient();
  const gone = useGone();
  return useMutation({
    onMutate: ({ leaving: mine }) => mine && leaving(teamId),
    onError: () => staying(teamId),
    mutationFn: ({ userId }: { userId: string; leaving: boolean }) =>
      ask(
        api.DELETE("/api/v1/teams/{team_id}/members/{user_id}", {
          params: { path: { team_id: teamId, user_id: userId } },
        }),
      ),
    onSuccess: (_, { leaving: mine }) =>
      mine ? gone(teamId) : client.invalidateQueries({ queryKey: teamQuery(teamId).queryKey }),
  });
}

export function useInvite(teamId: string) {
  const client = useQueryClient();
  return useGuarded({
    mutationFn: (body: { email: string; role: Role; expires_in_days: number }) =>
      askOnce(`invite ${teamId} ${JSON.stringify(body)}`, (header) =>
        api.POST("/api/v1/teams/{team_id}/invitations", {
          params: { path: { team_id: teamId }, header },
          body,
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: teamQuery(teamId).queryKey }),
  });
}

export function useTakeBack(teamId: string, invitationId: string, onDone: () => void) {
  const client = useQueryClient();
  return useGuarded({
    mutationFn: () =>
      ask(
        api.DELETE("/api/v1/teams/{team_id}/invitations/{invitation_id}", {
          params: { path: { team_id: teamId, invitation_id: invitationId } },
        }),
      ),
    onSuccess: onDone,
    // Also when it is refused: it was accepted or taken back by somebody else.
    onSettled: () => client.invalidateQueries({ queryKey: teamQuery(teamId).queryKey }),
  });
}

export function useHandOver(teamId: string) {
  const keep = useKeep();
  return useGuarded({
    mutationFn: (userId: string) =>
      askOnce(`hand over ${teamId} ${userId}`, (header) =>
        api.POST("/api/v1/teams/{team_id}/hand-over", {
          params: { path: { team_id: teamId }, header },
          body: { user_id: userId },
        }),
      ),
    onSuccess: keep,
  });
}

/** Deletes a team and goes to the list, where it can be restored. */
export function useDeleteTeam() {
  const gone = useGone();
  return useGuarded({
    onMutate: leaving,
    onError: (_, teamId) => staying(teamId),
    mutationFn: (teamId: string) =>
      ask(api.DELETE("/api/v1/teams/{team_id}", { params: { path: { team_id: teamId } } })),
    onSuccess: ({ id }) => gone(id),
  });
}

export function useRestoreTeam() {
  const fresh = useFresh();
  return useMutation({
    onMutate: staying,
    mutationFn: (teamId: string) =>
      askOnce(`restore team ${teamId}`, (header) =>
        api.POST("/api/v1/teams/{team_id}/restore", { params: { path: { team_id: teamId }, header } }),
      ),
    onSuccess: fresh,
  });
}
