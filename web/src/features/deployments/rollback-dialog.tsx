import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice, Problem } from "@/components/ui/notice";
import { Facts } from "@/components/ui/page";
import { Commit } from "@/features/projects/commit";
import type { Deployment, Release } from "@/lib/types";
import { words } from "@/lib/words";
import { releaseWords } from "@/lib/words-running";
import { useRollback } from "./changing";

const text = releaseWords;

/** Asks once more, and says what comes back with a release: its commit and its variables. */
export function RollbackDialog({
  environmentId,
  release,
  active,
  onClose,
}: {
  environmentId: string;
  release: Release;
  /** The deployment under way, which the rollback ends. */
  active: Deployment | null;
  onClose: () => void;
}) {
  const rollback = useRollback(environmentId);
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.rollbackTitle(release.number)}
      help={text.stays}
      onSubmit={() => rollback.mutate(release.number)}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="primary" type="submit" busy={rollback.isPending}>
            {rollback.isPending ? text.rollingBack : text.rollback(release.number)}
          </Button>
        </>
      }
    >
      <Facts
        items={[
          [text.commit, <Commit key="commit" {...release} />],
          [text.variables, text.variablesBack(release.variables_version)],
          [text.takes, release.rollback === "instant" ? text.takesInstant : text.takesImage],
        ]}
      />
      {active ? <Notice tone="warn">{text.cancels(active.number)}</Notice> : null}
      <Problem error={rollback.error} />
    </Dialog>
  );
}
