import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice, Problem } from "@/components/ui/notice";
import { Setting, SkeletonRows } from "@/components/ui/page";
import { api, ask } from "@/lib/client";
import { moment } from "@/lib/time";
import type { Factors } from "@/lib/types";
import { factorWords as text } from "@/lib/words-account";
import styles from "./account.module.css";
import { factorsQuery } from "./account-queries";
import { CodesDialog } from "./codes-dialog";
import { ConfirmDialog } from "./confirm-dialog";
import { Passkeys } from "./passkeys";
import { useGuarded } from "./step-up";
import { TotpDialog } from "./totp-dialog";

/** So few recovery codes are too few. */
const FEW_CODES = 2;

type Act = { onClose: () => void; onDone: () => void };

function RemoveApp({ factors, onClose, onDone }: Act & { factors: Factors }) {
  const remove = useGuarded({
    mutationFn: () => ask(api.DELETE("/api/v1/account/second-factor/totp")),
    onSuccess: onDone,
  });
  return (
    <ConfirmDialog
      title={text.removeTitle(text.removeAppName)}
      help={factors.passkeys > 0 ? text.removeOne : text.removeLast}
      verb={text.remove}
      act={remove}
      onClose={onClose}
    />
  );
}

function NewCodes({ onClose, onMade }: { onClose: () => void; onMade: (codes: string[]) => void }) {
  const make = useGuarded({
    mutationFn: () => ask(api.POST("/api/v1/account/second-factor/recovery-codes")),
    onSuccess: ({ recovery_codes }) => onMade(recovery_codes),
  });
  return (
    <ConfirmDialog
      title={text.makeCodesTitle}
      help={text.makeCodesHelp}
      verb={text.makeCodes}
      act={make}
      onClose={onClose}
    />
  );
}

/** What an operator's reset will take away, and the way to keep it. */
function Reset({ at, onDone }: { at: string; onDone: () => void }) {
  const keep = useMutation({
    mutationFn: () => ask(api.DELETE("/api/v1/account/second-factor/reset")),
    onSuccess: onDone,
  });
  return (
    <>
      <Notice
        tone="warn"
        title={text.resetTitle(moment(Date.parse(at)))}
        action={
          <Button small busy={keep.isPending} onClick={() => keep.mutate()}>
            {text.keep}
          </Button>
        }
      >
        {text.reset}
      </Notice>
      <Problem error={keep.error} />
    </>
  );
}

function App({ factors, onFresh, onCodes }: Listed) {
  const [removing, setRemoving] = useState(false);
  const begin = useGuarded({
    mutationFn: () => ask(api.POST("/api/v1/account/second-factor/totp")),
  });
  return (
    <>
      <div className={styles.factor}>
        <span>
          {text.app} <span className="third">{factors.totp ? text.appOn : text.off}</span>
        </span>
        {factors.totp ? (
          <Button small look="quiet" aria-label={text.removeApp} onClick={() => setRemoving(true)}>
            {text.remove}
          </Button>
        ) : (
          <Button small aria-label={text.setUpApp} busy={begin.isPending} onClick={() => begin.mutate()}>
            {text.setUp}
          </Button>
        )}
      </div>
      <Problem error={begin.error} />
      {begin.stepUp}
      {begin.data ? (
        <TotpDialog
          made={begin.data}
          onClose={begin.reset}
          onAdded={(codes) => {
            begin.reset();
            if (codes) onCodes(codes);
            onFresh();
          }}
        />
      ) : null}
      {removing ? (
        <RemoveApp
          factors={factors}
          onClose={() => setRemoving(false)}
          onDone={() => {
            setRemoving(false);
            onFresh();
          }}
        />
      ) : null}
    </>
  );
}

export type Listed = { factors: Factors; onFresh: () => void; onCodes: (codes: string[]) => void };

function Recovery({ factors, onFresh, onCodes }: Listed) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <div className={styles.factor}>
        <span>
          {text.recovery} <span className="third numbers">{text.left(factors.recovery_codes)}</span>
        </span>
        <Button small look="quiet" onClick={() => setAsking(true)}>
          {text.makeCodes}
        </Button>
      </div>
      {factors.recovery_codes <= FEW_CODES ? (
        <Notice tone="warn">{text.few(factors.recovery_codes)}</Notice>
      ) : null}
      {asking ? (
        <NewCodes
          onClose={() => setAsking(false)}
          onMade={(codes) => {
            setAsking(false);
            onCodes(codes);
            onFresh();
          }}
        />
      ) : null}
    </>
  );
}

/** What one can give as a second factor: set up, renewed, taken away. */
export function FactorsSection() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(factorsQuery);
  const [codes, setCodes] = useState<string[] | null>(null);
  const fresh = () => void client.invalidateQueries({ queryKey: factorsQuery.queryKey });
  const on = data ? data.totp || data.passkeys > 0 : false;
  return (
    <Setting title={text.title} help={text.help}>
      {data ? (
        <>
          {data.reset_at ? <Reset at={data.reset_at} onDone={fresh} /> : null}
          {on ? null : <p className="second">{text.none}</p>}
          <App factors={data} onFresh={fresh} onCodes={setCodes} />
          <Passkeys factors={data} onFresh={fresh} onCodes={setCodes} />
          {on ? <Recovery factors={data} onFresh={fresh} onCodes={setCodes} /> : null}
        </>
      ) : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={2} />
      )}
      {codes ? <CodesDialog codes={codes} onClose={() => setCodes(null)} /> : null}
    </Setting>
  );
}
