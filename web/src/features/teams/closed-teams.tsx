import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useSession } from "@/app/session-gate";
import { Button, buttonClass } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { factorsQuery } from "@/features/accounts/account-queries";
import { StepUpDialog } from "@/features/accounts/step-up";
import { sessionQuery, teamsQuery } from "@/lib/queries";
import { teamWords } from "@/lib/words-teams";

/** Teams that one is in and that stay closed until one has a second factor, and gave it in this browser. */
export function ClosedTeams() {
  const { closed_teams: closed } = useSession();
  return closed.length === 0 ? null : <Closed names={closed} />;
}

function Closed({ names }: { names: string[] }) {
  const client = useQueryClient();
  const { data: factors } = useQuery(factorsQuery);
  const [giving, setGiving] = useState(false);
  // While it is not known, the account page is the place: it says what there is.
  const has = factors !== undefined && (factors.totp || factors.passkeys > 0);
  const close = (proven: boolean) => {
    setGiving(false);
    if (proven)
      for (const { queryKey } of [sessionQuery, teamsQuery])
        void client.invalidateQueries({ queryKey: [...queryKey] });
  };
  return (
    <>
      <Notice
        tone="warn"
        title={teamWords.closed(names)}
        action={
          has ? (
            <Button small onClick={() => setGiving(true)}>
              {teamWords.closedGive}
            </Button>
          ) : (
            <Link to="/account" className={buttonClass({ small: true })}>
              {teamWords.closedAction}
            </Link>
          )
        }
      >
        {has ? teamWords.closedHere : teamWords.closedHelp}
      </Notice>
      {giving ? <StepUpDialog onClose={close} /> : null}
    </>
  );
}
