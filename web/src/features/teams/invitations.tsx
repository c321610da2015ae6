import { useState } from "react";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Section } from "@/components/ui/page";
import table from "@/components/ui/table.module.css";
import { ConfirmDialog } from "@/features/accounts/confirm-dialog";
import { useNow } from "@/lib/clock";
import { exact } from "@/lib/time";
import type { Invitation, TeamDetail } from "@/lib/types";
import { teamWords } from "@/lib/words-teams";
import { useTakeBack } from "./acting";
import { InviteDialog } from "./invite-dialog";
import { givable } from "./roles";
import styles from "./teams.module.css";

const text = teamWords.invitations;
const heads = teamWords.columns;

const COLUMNS = [
  { id: "email", head: heads.email },
  { id: "role", head: heads.memberRole, width: styles.role, wide: true },
  { id: "expires", head: heads.expires, width: table.age, wide: true },
  { id: "does", head: <span className="only-read">{heads.does}</span>, width: styles.acts, right: true },
];

type DialogProps = { team: TeamDetail; invitation: Invitation; onClose: () => void };

function TakeBackDialog({ team, invitation, onClose }: DialogProps) {
  const takeBack = useTakeBack(team.id, invitation.id, onClose);
  return (
    <ConfirmDialog
      title={text.takeBackTitle(invitation.email)}
      help={text.takeBackHelp}
      verb={text.takeBack}
      act={takeBack}
      onClose={onClose}
    />
  );
}

type RowProps = { team: TeamDetail; invitation: Invitation; onAgain: () => void; onTakeBack: () => void };

function Row({ team, invitation, onAgain, onTakeBack }: RowProps) {
  const { email, role, expires_at } = invitation;
  const expires = Date.parse(expires_at);
  const over = expires <= useNow(15_000);
  const until = over ? <span title={exact(expires)}>{text.expired}</span> : <Age at={expires_at} future />;
  return (
    <tr>
      <td className="cut" title={email}>
        {email}
        <span className={`cut meta ${styles.under}`}>
          {teamWords.roles[role]} · {until}
        </span>
      </td>
      <td className={`cut second ${table.wide}`}>{teamWords.roles[role]}</td>
      <td className={`cut third ${table.wide}`}>{until}</td>
      <td className={table.right}>
        <Button
          small
          look="quiet"
          why={givable(team.role).includes(role) ? null : teamWords.why.needs("owner", team.role)}
          aria-label={text.againOf(email)}
          onClick={onAgain}
        >
          {text.again}
        </Button>
        {over ? null : (
          <Button small look="quiet" aria-label={text.takeBackOf(email)} onClick={onTakeBack}>
            {text.takeBack}
          </Button>
        )}
      </td>
    </tr>
  );
}

/** Who was invited and has not come yet, or not in time. Their links were shown once, and are not here. */
export function Invitations({ team }: { team: TeamDetail }) {
  const [open, setOpen] = useState<{ what: "again" | "take back"; invitation: Invitation } | null>(null);
  const close = () => setOpen(null);
  return (
    <Section title={text.title}>
      {team.invitations.length === 0 ? (
        <p className="third">{text.none}</p>
      ) : (
        <table className={table.table}>
          <Columns of={COLUMNS} />
          <tbody>
            {team.invitations.map((invitation) => (
              <Row
                key={invitation.id}
                team={team}
                invitation={invitation}
                onAgain={() => setOpen({ what: "again", invitation })}
                onTakeBack={() => setOpen({ what: "take back", invitation })}
              />
            ))}
          </tbody>
        </table>
      )}
      {open?.what === "again" ? <InviteDialog team={team} again={open.invitation} onClose={close} /> : null}
      {open?.what === "take back" ? (
        <TakeBackDialog team={team} invitation={open.invitation} onClose={close} />
      ) : null}
    </Section>
  );
}
