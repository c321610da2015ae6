import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { Button, buttonClass } from "@/components/ui/button";
import { Calm } from "@/components/ui/calm";
import { Notice, Problem } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/page";
import { api, ask } from "@/lib/client";
import { ApiProblem } from "@/lib/problem";
import { moment } from "@/lib/time";
import type { SignIn } from "@/lib/types";
import { words } from "@/lib/words";
import { signInWords as text } from "@/lib/words-account";
import styles from "./account.module.css";
import { ownPath } from "./proof";
import { useProving } from "./proving";

const ADDRESS = "/api/v1/session/second-factor";

/** Who is half signed in, by this browser's cookie. */
const signInQuery = queryOptions({
  queryKey: ["sign-in"],
  queryFn: () => ask(api.GET(ADDRESS)),
  staleTime: 0,
  gcTime: 0,
});

/** With a new document: nothing that was asked for before signing in is kept. */
const leaveTo = (path: string) => window.location.assign(ownPath(path));

function Gone() {
  const next = ownPath(new URLSearchParams(window.location.search).get("next") ?? "/");
  return (
    <Calm title={text.goneTitle} text={text.gone}>
      <a className={buttonClass({ look: "primary" })} href={`/auth/login?next=${encodeURIComponent(next)}`}>
        {text.again}
      </a>
    </Calm>
  );
}

function Giving({ signIn, onGone }: { signIn: SignIn; onGone: () => void }) {
  const { fields, button, submit } = useProving({
    factors: signIn.factors,
    options: () => ask(api.POST(`${ADDRESS}/passkey-options`)),
    give: (proof) =>
      ask(api.POST(ADDRESS, { body: proof })).catch((error: unknown) => {
        if (isGone(error)) onGone();
        throw error;
      }),
    onDone: ({ next }) => leaveTo(next),
  });
  const cancel = useMutation({
    mutationFn: () => ask(api.DELETE(ADDRESS)),
    onSuccess: () => leaveTo("/"),
    onError: (error) => {
      if (isGone(error)) leaveTo("/");
    },
  });
  const { reset_at } = signIn.factors;
  return (
    <Calm title={text.title} text={text.text(signIn.name, signIn.email)}>
      {reset_at ? (
        <Notice tone="warn" title={text.resetTitle(moment(Date.parse(reset_at)))}>
          {text.reset}
        </Notice>
      ) : null}
      <form
        className={styles.proving}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {fields}
        <Problem error={cancel.error} />
        <div className={styles.line}>
          {button}
          <Button look="quiet" busy={cancel.isPending} onClick={() => cancel.mutate()}>
            {words.actions.cancel}
          </Button>
        </div>
      </form>
      {reset_at ? null : <p className="meta">{text.lost}</p>}
    </Calm>
  );
}

const isGone = (error: unknown): boolean => error instanceof ApiProblem && error.status === 401;

/** Between the sign-in provider and the session: the second factor is given here. */
export function SecondFactorPage() {
  const { data, error, refetch } = useQuery(signInQuery);
  if (isGone(error)) return <Gone />;
  if (data) return <Giving signIn={data} onGone={() => void refetch()} />;
  if (error)
    return (
      <Calm title={words.errors.title}>
        <Problem error={error} retry={() => void refetch()} />
      </Calm>
    );
  return (
    <Calm title={text.title} text={<Skeleton height={20} />}>
      <Skeleton height={168} />
    </Calm>
  );
}
