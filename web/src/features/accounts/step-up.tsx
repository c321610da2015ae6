import {
  queryOptions,
  type UseMutationOptions,
  type UseMutationResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useSession } from "@/app/session-gate";
import { Button, buttonClass } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice, Problem } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/page";
import { api, ask } from "@/lib/client";
import { sessionQuery } from "@/lib/queries";
import type { Factors } from "@/lib/types";
import { words } from "@/lib/words";
import { stepUpWords as text } from "@/lib/words-account";
import { useProving } from "./proving";
import { signInLink } from "./signed-out";
import { stepped } from "./stepping";

const ADDRESS = "/api/v1/session/step-up";

const stepUpQuery = queryOptions({
  queryKey: ["step-up"],
  queryFn: () => ask(api.GET(ADDRESS)),
  staleTime: 0,
  gcTime: 0,
});

type Close = (proven: boolean) => void;

function Shown({ children, action, onClose }: { children: ReactNode; action?: ReactNode; onClose: Close }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose(false)}
      title={text.title}
      foot={
        <>
          <Button look="quiet" onClick={() => onClose(false)}>
            {words.actions.cancel}
          </Button>
          {action}
        </>
      }
    >
      {children}
    </Dialog>
  );
}

function Proving({ factors, onClose }: { factors: Factors; onClose: Close }) {
  const { fields, button, submit } = useProving({
    factors,
    options: () => ask(api.POST(`${ADDRESS}/passkey-options`)),
    give: (proof) => ask(api.POST(ADDRESS, { body: proof })),
    onDone: () => onClose(true),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose(false)}
      title={text.title}
      help={text.help}
      onSubmit={submit}
      foot={
        <>
          <Button look="quiet" onClick={() => onClose(false)}>
            {words.actions.cancel}
          </Button>
          {button}
        </>
      }
    >
      {fields}
    </Dialog>
  );
}

/** Calls back when one returns to this tab. Beside another window it was visible all along: so focus counts too. */
function useReturn(back: () => void): void {
  useEffect(() => {
    const seen = () => {
      if (document.visibilityState === "visible") back();
    };
    window.addEventListener("focus", seen);
    document.addEventListener("visibilitychange", seen);
    return () => {
      window.removeEventListener("focus", seen);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [back]);
}

/** Asks for a new sign-in, in a tab of its own so that what was typed here stays, and goes on after it. */
function SigningIn({ onClose }: { onClose: Close }) {
  const client = useQueryClient();
  const { user } = useSession();
  const [asker] = useState(user.id);
  const look = useMutation({
    mutationFn: async () => {
      const { until } = await client.fetchQuery(stepUpQuery);
      // Another's sign-in leads away from this page: the session gate sees to that.
      return until !== null && (await client.fetchQuery({ ...sessionQuery, staleTime: 0 })).user.id === asker;
    },
    onSuccess: (proven) => {
      if (proven) onClose(true);
    },
  });
  useReturn(look.mutate);
  return (
    <Shown
      onClose={onClose}
      action={
        <a
          className={buttonClass({ look: "primary" })}
          href={signInLink(window.location)}
          target="_blank"
          rel="noopener"
        >
          {text.again}
        </a>
      }
    >
      <Notice tone="info">{text.signIn}</Notice>
      <Problem error={look.error} />
    </Shown>
  );
}

/** Asks for the second factor; from whoever has none, for a new sign-in. */
export function StepUpDialog({ onClose }: { onClose: Close }) {
  const { data, error, refetch } = useQuery(stepUpQuery);
  if (data && !data.sign_in) return <Proving factors={data.factors} onClose={onClose} />;
  if (data) return <SigningIn onClose={onClose} />;
  return (
    <Shown onClose={onClose}>
      {error ? <Problem error={error} retry={() => void refetch()} /> : <Skeleton height={64} />}
    </Shown>
  );
}

/**
 * A mutation that may take a step-up. `stepUp` is what asks for it: a page renders it, and a dialog renders it inside
 * itself, so that the one above is known as the inner one.
 */
export function useGuarded<Data, Variables = void>(
  options: Omit<UseMutationOptions<Data, Error, Variables>, "mutationFn"> & {
    mutationFn: (variables: Variables) => Promise<Data>;
  },
): UseMutationResult<Data, Error, Variables> & { stepUp: ReactNode } {
  const [asking, setAsking] = useState(false);
  const answer = useRef<Close | null>(null);
  const close: Close = (proven) => {
    setAsking(false);
    answer.current?.(proven);
    answer.current = null;
  };
  // A page that is left while it asks gives up.
  useEffect(() => () => answer.current?.(false), []);
  const prove = () =>
    new Promise<boolean>((resolve) => {
      answer.current = resolve;
      setAsking(true);
    });
  const mutation = useMutation({
    ...options,
    mutationFn: (variables: Variables) => stepped(() => options.mutationFn(variables), prove),
  });
  return { ...mutation, stepUp: asking ? <StepUpDialog onClose={close} /> : null };
}
