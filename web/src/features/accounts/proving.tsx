import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Problem } from "@/components/ui/notice";
import { sentenceOf } from "@/lib/problem";
import type { Factors, Proof } from "@/lib/types";
import { provingWords as text } from "@/lib/words-account";
import styles from "./account.module.css";
import { firstWay, givePasskey, otherWays, passkeysWork, typedProof, type Way } from "./proof";

type Asked<Done> = {
  factors: Factors;
  /** What the browser is to ask a passkey for. */
  options: () => Promise<unknown>;
  give: (proof: Proof) => Promise<Done>;
  onDone: (done: Done) => void;
};

/** The fields that take a second factor, for a page and for a dialog; `submit` is of the form around them. */
export function useProving<Done>({ factors, options, give, onDone }: Asked<Done>) {
  const [way, setWay] = useState<Way>(firstWay(factors));
  const [typed, setTyped] = useState("");
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const giving = useMutation({
    mutationFn: async (proof: Proof | "passkey") =>
      give(proof === "passkey" ? { passkey: await givePasskey(await options()) } : proof),
    onSuccess: onDone,
    onError: () => {
      field.current?.focus();
      field.current?.select();
    },
  });
  const refused = giving.error && giving.variables !== "passkey" ? sentenceOf(giving.error) : undefined;
  const why = passkeysWork() ? null : text.noPasskeys;

  const submit = () => {
    if (giving.isPending || giving.isSuccess) return;
    const proof = way === "passkey" ? "passkey" : typedProof(way, typed);
    setMissing(proof === null);
    if (proof !== null) giving.mutate(proof);
    else field.current?.focus();
  };
  const choose = (chosen: Way) => {
    giving.reset();
    setMissing(false);
    setTyped("");
    if (chosen === "passkey" && way === "code") giving.mutate("passkey");
    else setWay(chosen);
  };
  const names: Record<Way, string> = {
    code: text.toCode,
    recovery: text.toRecovery,
    passkey: text.passkey,
  };
  const common = {
    ref: field,
    value: typed,
    code: true,
    autoFocus: true,
    onChange: (event: { target: { value: string } }) => {
      setMissing(false);
      setTyped(event.target.value);
    },
  };

  const fields: ReactNode = (
    <>
      {way === "code" ? (
        <TextField
          {...common}
          key="code"
          label={text.code}
          help={text.codeHelp}
          error={missing ? text.codeMissing : refused}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={10}
        />
      ) : way === "recovery" ? (
        <TextField
          {...common}
          key="recovery"
          label={text.recovery}
          help={text.recoveryHelp}
          error={missing ? text.recoveryMissing : refused}
          maxLength={80}
        />
      ) : (
        <p className="second">{text.passkeyOnly}</p>
      )}
      {giving.variables === "passkey" ? <Problem error={giving.error} /> : null}
      <div className={styles.line}>
        {otherWays(factors, way).map((other) => (
          <Button
            key={other}
            small
            disabled={giving.isPending}
            why={other === "passkey" ? why : null}
            onClick={() => choose(other)}
          >
            {names[other]}
          </Button>
        ))}
      </div>
    </>
  );
  const button = (
    <Button
      look="primary"
      type="submit"
      busy={giving.isPending || giving.isSuccess}
      why={way === "passkey" ? why : null}
    >
      {way === "passkey" ? text.passkey : text.give}
    </Button>
  );
  return { fields, button, submit };
}
