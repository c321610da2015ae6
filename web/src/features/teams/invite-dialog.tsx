import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Copy } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { SelectField, TextField } from "@/components/ui/field";
import { Notice, Problem } from "@/components/ui/notice";
import { fieldOf } from "@/lib/problem";
import { moment } from "@/lib/time";
import type { Invitation, Role, TeamDetail } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { accountWords } from "@/lib/words-deployments";
import { teamWords } from "@/lib/words-teams";
import { useInvite } from "./acting";
import { givable } from "./roles";
import styles from "./teams.module.css";

const text = teamWords.invitations;

type Props = {
  team: TeamDetail;
  /** The invitation whose link is to be replaced. */
  again?: Invitation;
  onClose: () => void;
};

/** Makes an invitation, then shows its link this once: from then on only its button closes it. */
export function InviteDialog({ team, again, onClose }: Props) {
  const invite = useInvite(team.id);
  const [email, setEmail] = useState(again?.email ?? "");
  const [role, setRole] = useState<Role>(again?.role ?? "developer");
  const [days, setDays] = useState("7");
  const [tried, setTried] = useState(false);
  const address = email.trim();
  const error = tried && !address.includes("@") ? text.emailMissing : fieldOf(invite.error, "email");
  const submit = () => {
    setTried(true);
    if (address.includes("@")) invite.mutate({ email: address, role, expires_in_days: Number(days) });
  };

  if (invite.data) {
    const { email: invited, link, expires_at } = invite.data;
    return (
      <Dialog
        open
        onOpenChange={() => undefined}
        title={text.madeTitle(invited)}
        help={text.only(invited, moment(Date.parse(expires_at)))}
        foot={
          <Button look="primary" onClick={onClose}>
            {text.done}
          </Button>
        }
      >
        <Notice tone="warn">{text.once}</Notice>
        <div className={styles.link}>
          <code>{link}</code>
          <Copy text={link} label={text.copy} look="plain" words />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      // The link that is on its way would be lost.
      onOpenChange={(open) => open || invite.isPending || onClose()}
      title={again ? text.againOf(again.email) : text.inviteTitle(team.name)}
      help={again ? text.againHelp : text.inviteHelp}
      onSubmit={submit}
      foot={
        <>
          <Button look="quiet" disabled={invite.isPending} onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="primary" type="submit" busy={invite.isPending}>
            {again ? text.again : text.invite}
          </Button>
        </>
      }
    >
      <TextField
        label={text.email}
        help={text.emailHelp}
        error={error}
        value={email}
        inputMode="email"
        readOnly={Boolean(again)}
        onChange={(event) => setEmail(event.target.value)}
      />
      <div className={styles.pair}>
        <SelectField
          label={text.role}
          help={wordFor(accountWords.roles, role)}
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
          choices={givable(team.role).map((each) => [each, teamWords.roles[each]])}
        />
        <SelectField
          label={text.days}
          value={days}
          onChange={(event) => setDays(event.target.value)}
          choices={text.dayChoices}
        />
      </div>
      <Problem error={error ? null : invite.error} />
      {invite.stepUp}
    </Dialog>
  );
}
