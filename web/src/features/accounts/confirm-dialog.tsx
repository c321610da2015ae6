import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Problem } from "@/components/ui/notice";
import { words } from "@/lib/words";

type Props<Data> = {
  title: string;
  help: string;
  verb: string;
  act: UseMutationResult<Data, Error, void> & { stepUp: ReactNode };
  onClose: () => void;
};

/** Asks once before an act that may take a step-up. */
export function ConfirmDialog<Data>({ title, help, verb, act, onClose }: Props<Data>) {
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={title}
      help={help}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="danger" busy={act.isPending} onClick={() => act.mutate()}>
            {verb}
          </Button>
        </>
      }
    >
      <Problem error={act.error} />
      {act.stepUp}
    </Dialog>
  );
}
