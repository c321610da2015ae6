import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Missing } from "@/app/errors";
import { Button, buttonClass } from "@/components/ui/button";
import { Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import { ApiProblem } from "@/lib/problem";
import { teamQuery } from "@/lib/queries";
import type { TeamDetail } from "@/lib/types";
import { words } from "@/lib/words";
import { teamWords } from "@/lib/words-teams";
import { Invitations } from "./invitations";
import { InviteDialog } from "./invite-dialog";
import { Members } from "./members";
import { atLeast } from "./roles";
import { TeamDanger } from "./team-danger";
import { TeamSettings } from "./team-settings";
import styles from "./teams.module.css";

const text = teamWords;

const whyNoInvitation = (team: TeamDetail): string | null => {
  if (team.personal) return text.why.personal;
  return atLeast(team.role, "admin") ? null : text.why.needs("admin", team.role);
};

/** A team: who is in it, who is invited, and what its admins and owners set. */
export function TeamPage() {
  const { teamId } = useParams({ from: "/teams/$teamId" });
  const { data: team, error, refetch } = useQuery(teamQuery(teamId));
  const [inviting, setInviting] = useState(false);
  const gone = error instanceof ApiProblem && (error.status === 404 || error.status === 422);
  // Also when it was there before: one was removed, or it was deleted.
  if (gone) return <Missing />;
  if (!team)
    return (
      <Page title={text.title}>
        {error ? (
          <Problem error={error} title={words.errors.title} retry={() => void refetch()} />
        ) : (
          <SkeletonRows rows={5} />
        )}
      </Page>
    );
  return (
    <Page
      title={team.name}
      action={
        <div className={styles.actions}>
          {atLeast(team.role, "admin") ? (
            <a className={buttonClass({})} href={`/audit?team=${team.id}`}>
              {words.frame.audit}
            </a>
          ) : null}
          <Button look="primary" why={whyNoInvitation(team)} onClick={() => setInviting(true)}>
            {text.invitations.invite}
          </Button>
        </div>
      }
    >
      <Members key={team.id} team={team} />
      {atLeast(team.role, "admin") && !team.personal ? <Invitations team={team} /> : null}
      <div className={styles.parts}>
        <TeamSettings key={team.id} team={team} />
        {team.role === "owner" && !team.personal ? <TeamDanger team={team} /> : null}
      </div>
      {inviting ? <InviteDialog team={team} onClose={() => setInviting(false)} /> : null}
    </Page>
  );
}
