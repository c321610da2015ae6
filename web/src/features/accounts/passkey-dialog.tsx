import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { Problem } from "@/components/ui/notice";
import { fieldOf } from "@/lib/problem";
import { words } from "@/lib/words";
import { factorWords } from "@/lib/words-account";

const text = factorWords.passkeys;

type Props = {
  title: string;
  help?: string;
  verb: string;
  /** What it is called so far. */
  name: string;
  act: { isPending: boolean; error: Error | null };
  onName: (name: string) => void;
  onClose: () => void;
  children?: ReactNode;
};

/** What a passkey is called, before it is made and afterwards. */
export function PasskeyDialog({ title, help, verb, name, act, onName, onClose, children }: Props) {
  const [typed, setTyped] = useState(name);
  const [tried, setTried] = useState(false);
  const chosen = typed.trim();
  const error = tried && chosen === "" ? text.nameMissing : fieldOf(act.error, "name");
  const submit = () => {
    setTried(true);
    if (chosen !== "") onName(chosen);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={title}
      help={help}
      onSubmit={submit}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="primary" type="submit" busy={act.isPending}>
            {verb}
          </Button>
        </>
      }
    >
      <TextField
        label={text.name}
        help={text.nameHelp}
        error={error}
        maxLength={80}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Problem error={error ? null : act.error} />
      {children}
    </Dialog>
  );
}
