import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice, Problem } from "@/components/ui/notice";
import { Setting } from "@/components/ui/page";
import { TypedNameDialog } from "@/components/ui/typed-name";
import { useTooLow, useWhyNot } from "@/features/teams/use-role";
import type { Project } from "@/lib/types";
import { deletionWords } from "@/lib/words-running";
import { useDelete, useDeleteForGood, useRestore } from "./deleting";
import styles from "./deletion.module.css";
import { goneForGood, production, untilOf } from "./status-of";

const text = deletionWords;

const hostOf = (project: Project) => production(project)?.hostname ?? project.name;

/** The end of the settings: red, and undoable for a while. */
export function DangerZone({ project }: { project: Project }) {
  const [asking, setAsking] = useState(false);
  const remove = useDelete();
  const why = useWhyNot(project, "admin");
  return (
    <Setting title={text.zone} help={text.zoneHelp}>
      <div>
        <Button look="danger" why={why} onClick={() => setAsking(true)}>
          {text.delete}
        </Button>
      </div>
      {asking ? (
        <TypedNameDialog
          name={project.name}
          doing={text.deleting}
          title={text.deleteTitle(project.name)}
          verb={text.delete}
          action={remove}
          onConfirm={() => remove.mutate(project.id)}
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
  const why = useTooLow(project, "admin");
  if (goneForGood(project)) return <Notice tone="info">{text.going}</Notice>;
  return (
    <>
      <Notice
        tone="warn"
        title={text.deleted(untilOf(project))}
        action={
          <span className={styles.buttons}>
            <Button small look="danger" why={why} onClick={() => setAsking(true)}>
              {text.forGood}
            </Button>
            <Button
              small
              look="primary"
              why={why}
              busy={restore.isPending}
              onClick={() => restore.mutate(project)}
            >
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
          name={project.name}
          doing={text.deleting}
          title={text.forGoodTitle(project.name)}
          verb={text.forGood}
          action={forGood}
          onConfirm={() => forGood.mutate(project.id)}
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
