import { useState } from "react";
import { Button } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import { Setting } from "@/components/ui/page";
import { TypedNameDialog } from "@/components/ui/typed-name";
import type { TeamDetail } from "@/lib/types";
import { teamWords } from "@/lib/words-teams";
import { useDeleteTeam, useHandOver } from "./acting";
import styles from "./teams.module.css";

const text = teamWords.danger;
type DialogProps = { team: TeamDetail; onClose: () => void };

function HandOverDialog({ team, onClose }: DialogProps) {
  const others = team.people.filter(({ you }) => !you);
  const handOver = useHandOver(team.id);
  const [to, setTo] = useState("");
  // Who was chosen may have left since.
  const chosen = others.some(({ user_id }) => user_id === to) ? to : "";
  return (
    <TypedNameDialog
      name={team.name}
      title={text.handOverTitle(team.name)}
      verb={text.handOver}
      doing={text.handingOver}
      action={handOver}
      unready={!chosen}
      facts={[
        [text.gets, text.getsWhat],
        [text.yours, text.yoursWhat],
      ]}
      onConfirm={() => handOver.mutate(chosen, { onSuccess: onClose })}
      onClose={onClose}
    >
      <SelectField
        label={text.handOverTo}
        value={chosen}
        onChange={(event) => setTo(event.target.value)}
        choices={[
          ["", text.choose],
          ...others.map(({ user_id, name, email }): [string, string] => [
            user_id,
            name ? `${name} (${email})` : email,
          ]),
        ]}
      />
    </TypedNameDialog>
  );
}

function DeleteDialog({ team, onClose }: DialogProps) {
  const remove = useDeleteTeam();
  return (
    <TypedNameDialog
      name={team.name}
      title={text.deleteTitle(team.name)}
      verb={text.delete}
      doing={text.deleting}
      action={remove}
      facts={[
        [text.projects, text.projectsWhat],
        [text.lost, text.lostWhat],
        [text.kept, text.keptWhat],
      ]}
      onConfirm={() => remove.mutate(team.id)}
      onClose={onClose}
    />
  );
}

/** For owners: the end of their ownership, or of the team. */
export function TeamDanger({ team }: { team: TeamDetail }) {
  const [asking, setAsking] = useState<"hand-over" | "delete" | null>(null);
  const close = () => setAsking(null);
  return (
    <Setting title={text.title} help={text.help}>
      <div className={styles.line}>
        <Button
          look="danger"
          why={team.people.length > 1 ? null : text.handOverNone}
          onClick={() => setAsking("hand-over")}
        >
          {text.handOver}
        </Button>
        <Button look="danger" onClick={() => setAsking("delete")}>
          {text.delete}
        </Button>
      </div>
      {asking === "hand-over" ? <HandOverDialog team={team} onClose={close} /> : null}
      {asking === "delete" ? <DeleteDialog team={team} onClose={close} /> : null}
    </Setting>
  );
}
