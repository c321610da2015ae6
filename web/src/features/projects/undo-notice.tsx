import { useQuery } from "@tanstack/react-query";
import { Trash2, X } from "lucide-react";
import { useOfferedUndo, withdrawUndo } from "@/app/undo-offer";
import { Button } from "@/components/ui/button";
import { sentenceOf } from "@/lib/problem";
import { projectsQuery } from "@/lib/queries";
import { deletionWords } from "@/lib/words-running";
import { useRestore } from "./deleting";
import styles from "./deletion.module.css";
import { restorable } from "./status-of";

const text = deletionWords;

/** Floats over every page right after a deletion. */
export function UndoNotice() {
  const offered = useOfferedUndo();
  const { data } = useQuery(projectsQuery);
  const restore = useRestore();
  const project = restorable(data?.items).find((each) => each.id === offered);
  if (!project) return null;
  return (
    <div className={styles.undo} role="status">
      <Trash2 aria-hidden />
      <span className={styles.undoText}>
        {restore.error ? sentenceOf(restore.error) : text.undone(project.name)}
      </span>
      <Button
        small
        busy={restore.isPending}
        onClick={() => restore.mutate(project, { onSuccess: withdrawUndo })}
      >
        {text.undo}
      </Button>
      <Button look="quiet" small icon aria-label={text.dismiss} onClick={withdrawUndo}>
        <X aria-hidden />
      </Button>
    </div>
  );
}
