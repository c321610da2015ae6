import { type ReactNode, useState } from "react";
import { words } from "@/lib/words";
import { deletionWords } from "@/lib/words-running";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { Problem } from "./notice";
import { Facts } from "./page";

type Props = {
  /** What must be typed. */
  name: string;
  title: string;
  verb: string;
  /** The verb while it happens. */
  doing: string;
  /** What happens then; `stepUp` is what asks for a proof before it. */
  action: { isPending: boolean; error: unknown; stepUp: ReactNode };
  facts: [string, ReactNode][];
  onConfirm: () => void;
  onClose: () => void;
  /** What is chosen before; with `unready` it is not yet. */
  children?: ReactNode;
  unready?: boolean;
};

/** Says what is lost and what is kept; only the typed name opens the button. */
export function TypedNameDialog(props: Props) {
  const { name, title, verb, doing, action, facts, onConfirm, onClose, children, unready } = props;
  const [typed, setTyped] = useState("");
  const ready = typed.trim() === name && !unready;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={title}
      onSubmit={() => ready && onConfirm()}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="danger" type="submit" disabled={!ready} busy={action.isPending}>
            {action.isPending ? doing : verb}
          </Button>
        </>
      }
    >
      <Facts items={facts} />
      {children}
      <TextField
        label={deletionWords.typeName(name)}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        code
      />
      <Problem error={action.error} />
      {action.stepUp}
    </Dialog>
  );
}
