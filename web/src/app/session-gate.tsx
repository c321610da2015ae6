/** Nobody signed in: one calm page. Somebody signed in: the frame, with the session at hand. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { SignedOut, type SignedOutReason } from "@/features/accounts/signed-out";
import { onSessionEnded } from "@/lib/client";
import { ApiProblem } from "@/lib/problem";
import { sessionQuery } from "@/lib/queries";
import type { Session } from "@/lib/types";
import { Unreachable } from "./unreachable";

const SessionContext = createContext<Session | null>(null);

/** The session of a page inside the gate. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession is for pages inside the session gate");
  return session;
}

export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [left, setLeft] = useState<SignedOutReason | null>(null);
  const session = useQuery(sessionQuery);
  const [user, setUser] = useState<string>();
  const now = session.data?.user.id;
  if (now && !user) setUser(now);
  // Somebody else has signed in in another tab: nothing that this one holds is theirs.
  const another = now !== undefined && user !== undefined && now !== user;

  useEffect(() => {
    if (another) window.location.replace("/");
  }, [another]);

  useEffect(
    () =>
      onSessionEnded((reason) => {
        // Before anybody signed in a refusal is no end of a session.
        if (!client.getQueryData(sessionQuery.queryKey)) return;
        setLeft(reason);
        client.clear();
      }),
    [client],
  );

  if (another) return null;
  if (left) return <SignedOut reason={left} />;
  if (session.data) return <SessionContext value={session.data}>{children}</SessionContext>;
  if (session.error instanceof ApiProblem && session.error.status === 401) return <SignedOut reason={null} />;
  if (session.error) return <Unreachable error={session.error} retry={() => void session.refetch()} />;
  return null;
}
