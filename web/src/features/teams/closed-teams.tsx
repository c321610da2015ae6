import { Link } from "@tanstack/react-router";
import { useSession } from "@/app/session-gate";
import { buttonClass } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { teamWords } from "@/lib/words-teams";

/** Teams that one is in and that stay closed until one has a second factor. */
export function ClosedTeams() {
  const { closed_teams: closed } = useSession();
  if (closed.length === 0) return null;
  return (
    <Notice
      tone="warn"
      title={teamWords.closed(closed)}
      action={
        <Link to="/account" className={buttonClass({ small: true })}>
          {teamWords.closedAction}
        </Link>
      }
    >
      {teamWords.closedHelp}
    </Notice>
  );
}
