import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Dialog } from "@/components/ui/dialog";
import { RowSelect } from "@/components/ui/field";
import { Notice, Problem } from "@/components/ui/notice";
import { Section } from "@/components/ui/page";
import { Rows } from "@/components/ui/rows";
import table from "@/components/ui/table.module.css";
import type { Member, Role, TeamDetail } from "@/lib/types";
import { words } from "@/lib/words";
import { teamWords } from "@/lib/words-teams";
import { useRemoveMember, useSetRole } from "./acting";
import { givable, mayChange } from "./roles";
import styles from "./teams.module.css";

const text = teamWords.members;
const heads = teamWords.columns;
const nameOf = (member: Member) => member.name || member.email;

const COLUMNS = [
  { id: "name", head: heads.name },
  { id: "email", head: heads.email, width: styles.email, wide: true },
  { id: "role", head: heads.memberRole, width: styles.role },
  { id: "does", head: <span className="only-read">{heads.does}</span>, width: styles.does, right: true },
];

/** Removes somebody, or takes oneself out. */
function RemoveDialog({ team, member, onClose }: { team: TeamDetail; member: Member; onClose: () => void }) {
  const remove = useRemoveMember(team.id);
  const verb = member.you ? text.leave : text.remove;
  const confirm = () =>
    remove.mutate({ userId: member.user_id, leaving: member.you }, { onSuccess: onClose });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={member.you ? text.leaveTitle(team.name) : text.removeTitle(nameOf(member), team.name)}
      help={member.you ? text.leaveHelp : text.removeHelp}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="danger" busy={remove.isPending} onClick={confirm}>
            {verb}
          </Button>
        </>
      }
    >
      <Problem error={remove.error} />
    </Dialog>
  );
}

type RowProps = {
  team: TeamDetail;
  member: Member;
  index: number;
  /** The role that was chosen and is not set yet: an arrow key must not make an admin in passing. */
  staged: Role | null;
  busy: boolean;
  /** Another member's role is being set. */
  waits: boolean;
  /** Why its role and its place are fixed. */
  why: string | null;
  onStage: (role: Role) => void;
  onSet: () => void;
  onRemove: () => void;
};

function Row({ team, member, index, staged, busy, waits, why, onStage, onSet, onRemove }: RowProps) {
  const name = nameOf(member);
  const changes = mayChange(team, member.role);
  return (
    <tr aria-rowindex={index}>
      <td className="cut" title={`${name} (${member.email})`}>
        {name}
        {member.you ? <span className="third"> {teamWords.you}</span> : null}
      </td>
      <td className={`cut second ${table.wide}`} title={member.email}>
        {member.email}
      </td>
      <td className="second">
        {changes ? (
          <RowSelect
            label={text.roleOf(name)}
            value={staged ?? member.role}
            title={why ?? undefined}
            disabled={busy || Boolean(why)}
            onChange={(event) => onStage(event.target.value as Role)}
            choices={givable(team.role).map((role) => [role, teamWords.roles[role]])}
          />
        ) : (
          teamWords.roles[member.role]
        )}
      </td>
      <td className={table.right}>
        {staged && staged !== member.role ? (
          <Button
            small
            look="primary"
            busy={busy}
            disabled={waits}
            aria-label={text.setOf(name)}
            onClick={onSet}
          >
            {text.set}
          </Button>
        ) : member.you && !team.personal ? (
          <Button small look="quiet" why={why} onClick={onRemove}>
            {text.leave}
          </Button>
        ) : changes && !member.you ? (
          <Button small look="quiet" aria-label={text.removeOf(name)} onClick={onRemove}>
            {text.remove}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}

/** Who is in the team, as what. */
export function Members({ team }: { team: TeamDetail }) {
  const [staged, setStaged] = useState<Record<string, Role | undefined>>({});
  const stage = (userId: string, role?: Role) => setStaged((before) => ({ ...before, [userId]: role }));
  const set = useSetRole(team.id, stage);
  const [removing, setRemoving] = useState<Member | null>(null);
  const people = team.people.map((member) => ({ ...member, id: member.user_id }));
  const mine = people.find(({ you }) => you);
  const owners = people.filter(({ role }) => role === "owner").length;
  const whyFixed = (member: Member) =>
    member.role === "owner" && owners === 1 ? teamWords.why.lastOwner : null;
  const stagedOf = (member: Member) => (whyFixed(member) ? null : (staged[member.user_id] ?? null));
  const next = mine && stagedOf(mine);
  return (
    <Section title={text.title}>
      <table className={table.table} aria-rowcount={people.length + 1}>
        <Columns of={COLUMNS} />
        <Rows
          items={people}
          row={(member, index) => (
            <Row
              key={member.id}
              team={team}
              member={member}
              index={index}
              staged={stagedOf(member)}
              busy={set.isPending && set.variables.userId === member.id}
              waits={set.isPending}
              why={whyFixed(member)}
              onStage={(role) => {
                if (!set.isPending) set.reset();
                stage(member.id, role === member.role ? undefined : role);
              }}
              onSet={() => {
                const role = stagedOf(member);
                if (role) set.mutate({ userId: member.id, role });
              }}
              onRemove={() => setRemoving(member)}
            />
          )}
        />
      </table>
      {next && next !== mine.role ? <Notice tone="warn">{text.ownRole}</Notice> : null}
      <Problem error={set.error} />
      {set.stepUp}
      {removing ? <RemoveDialog team={team} member={removing} onClose={() => setRemoving(null)} /> : null}
    </Section>
  );
}
