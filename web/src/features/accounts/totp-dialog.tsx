import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Copy } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { Problem } from "@/components/ui/notice";
import { api, ask } from "@/lib/client";
import { ApiProblem, sentenceOf } from "@/lib/problem";
import type { NewTotp } from "@/lib/types";
import { words } from "@/lib/words";
import { factorWords } from "@/lib/words-account";
import styles from "./account.module.css";
import { typedProof } from "./proof";

const text = factorWords.scan;

type Props = {
  made: NewTotp;
  onClose: () => void;
  /** It counts now; with the recovery codes that came with it, if it is the first factor. */
  onAdded: (codes: string[] | null) => void;
};

/** The secret of a new authenticator app, and the code that shows that the app has it. */
export function TotpDialog({ made, onClose, onAdded }: Props) {
  const [typed, setTyped] = useState("");
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const confirm = useMutation({
    mutationFn: (code: string) =>
      ask(api.POST("/api/v1/account/second-factor/totp/confirm", { body: { code } })),
    onSuccess: ({ recovery_codes }) => onAdded(recovery_codes),
    onError: () => field.current?.select(),
  });
  const wrong = confirm.error instanceof ApiProblem && confirm.error.code === "code_wrong";
  const submit = () => {
    const code = typedProof("code", typed)?.code;
    setMissing(!code);
    if (code) confirm.mutate(code);
    else field.current?.focus();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.title}
      help={text.help}
      onSubmit={submit}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="primary" type="submit" busy={confirm.isPending}>
            {text.confirm}
          </Button>
        </>
      }
    >
      <img className={styles.qr} src={made.qr_code} alt={text.qr} />
      <div>
        <p className="meta">{text.secret}</p>
        <div className={styles.secret}>
          <code>{made.secret}</code>
          <Copy text={made.secret} label={text.copy} look="plain" words />
        </div>
      </div>
      <TextField
        label={text.code}
        error={missing ? text.codeMissing : wrong ? sentenceOf(confirm.error) : undefined}
        code
        ref={field}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={10}
        value={typed}
        onChange={(event) => {
          setMissing(false);
          setTyped(event.target.value);
        }}
      />
      <Problem error={wrong ? null : confirm.error} />
    </Dialog>
  );
}
