import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { Notice, Problem } from "@/components/ui/notice";
import { Facts, Setting } from "@/components/ui/page";
import type { Project } from "@/lib/types";
import { words } from "@/lib/words";
import { deletionWords } from "@/lib/words-running";
import { useDelete, useDeleteForGood, useRestore } from "./deleting";
import styles from "./deletion.module.css";
import { goneForGood, production, untilOf } from "./status-of";

const text = deletionWords;

const hostOf = (project: Project) => production(project)?.hostname ?? project.name;

type Action = { mutate: (projectId: string) => void; isPending: boolean; error: unknown };
type DialogProps = {
  project: Project;
  title: string;
  verb: string;
  action: Action;
  facts: [string, ReactNode][];
  onClose: () => void;
};

/** Says what is lost and what is kept; only the typed name opens the button. */
function TypedNameDialog({ project, title, verb, action, facts, onClose }: DialogProps) {
  const [typed, setTyped] = useState("");
  const ready = typed.trim() === project.name;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={title}
      onSubmit={() => ready && action.mutate(project.id)}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="danger" type="submit" disabled={!ready} busy={action.isPending}>
            {action.isPending ? text.deleting : verb}
          </Button>
        </>
      }
    >
      <Facts items={facts} />
      <TextField
        label={text.typeName(project.name)}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        code
      />
      <Problem error={action.error} />
    </Dialog>
  );
}

/** The end of the settings: red, and undoable for a while. */
export function DangerZone({ project }: { project: Project }) {
  const [asking, setAsking] = useState(false);
  const remove = useDelete();
  return (
    <Setting title={text.zone} help={text.zoneHelp}>
      <div>
        <Button look="danger" onClick={() => setAsking(true)}>
          {text.delete}
        </Button>
      </div>
      {asking ? (
        <TypedNameDialog
          project={project}
          title={text.deleteTitle(project.name)}
          verb={text.delete}
          action={remove}
          facts={[
            [text.stops, text.stopsWhat(hostOf(project))],
            [text.kept, text.keptWhat],
            [text.untouched, text.untouchedWhat],
          ]}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </Setting>
  );
}

/** Above everything of a deleted project: until when it can come back, and the two things one can do. */
export function DeletedNotice({ project }: { project: Project }) {
  const [asking, setAsking] = useState(false);
  const restore = useRestore();
  const forGood = useDeleteForGood();
  if (goneForGood(project)) return <Notice tone="info">{text.going}</Notice>;
  return (
    <>
      <Notice
        tone="warn"
        title={text.deleted(untilOf(project))}
        action={
          <span className={styles.buttons}>
            <Button small look="danger" onClick={() => setAsking(true)}>
              {text.forGood}
            </Button>
            <Button small look="primary" busy={restore.isPending} onClick={() => restore.mutate(project)}>
              {restore.isPending ? text.restoring : text.restore}
            </Button>
          </span>
        }
      >
        {text.deletedHelp}
      </Notice>
      <Problem error={restore.error} />
      {asking ? (
        <TypedNameDialog
          project={project}
          title={text.forGoodTitle(project.name)}
          verb={text.forGood}
          action={forGood}
          facts={[
            [text.lost, text.lostWhat],
            [text.hostname, text.hostnameWhat(hostOf(project))],
            [text.untouched, text.untouchedWhat],
          ]}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}
