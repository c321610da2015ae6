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
  onStage: (role: Role) => void;
  onSet: () => void;
  onRemove: () => void;
};

function Row({ team, member, index, staged, busy, onStage, onSet, onRemove }: RowProps) {
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
            disabled={busy}
            onChange={(event) => onStage(event.target.value as Role)}
            choices={givable(team.role).map((role) => [role, teamWords.roles[role]])}
          />
        ) : (
          teamWords.roles[member.role]
        )}
      </td>
      <td className={table.right}>
        {staged && staged !== member.role ? (
          <Button small look="primary" busy={busy} aria-label={text.setOf(name)} onClick={onSet}>
            {text.set}
          </Button>
        ) : member.you && !team.personal ? (
          <Button small look="quiet" onClick={onRemove}>
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
  const set = useSetRole(team.id);
  const [staged, setStaged] = useState<{ userId: string; role: Role } | null>(null);
  const [removing, setRemoving] = useState<Member | null>(null);
  const people = team.people.map((member) => ({ ...member, id: member.user_id }));
  const mine = people.find(({ you }) => you);
  const lowers = staged !== null && staged.userId === mine?.user_id && staged.role !== mine.role;
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
              staged={staged?.userId === member.id ? staged.role : null}
              busy={set.isPending && set.variables.userId === member.id}
              onStage={(role) => {
                set.reset();
                setStaged({ userId: member.id, role });
              }}
              onSet={() => staged && set.mutate(staged, { onSettled: () => setStaged(null) })}
              onRemove={() => setRemoving(member)}
            />
          )}
        />
      </table>
      {lowers ? <Notice tone="warn">{text.ownRole}</Notice> : null}
      <Problem error={set.error} />
      {set.stepUp}
      {removing ? <RemoveDialog team={team} member={removing} onClose={() => setRemoving(null)} /> : null}
    </Section>
  );
}
