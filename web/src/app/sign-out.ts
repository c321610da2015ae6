/** The way out of this tab's session, from wherever it is offered: under way, or refused, it is the same everywhere. */
import { useSyncExternalStore } from "react";
import { api, ask, sessionEnded } from "@/lib/client";
import { ApiProblem } from "@/lib/problem";

type SigningOut = { busy: boolean; error: unknown };

const STILL: SigningOut = { busy: false, error: null };

let current = STILL;
const listeners = new Set<() => void>();

function set(next: SigningOut): void {
  current = next;
  for (const listener of listeners) listener();
}

/** Ends the session on the server, then here. A session that was over already counts as ended. */
export async function signOut(): Promise<void> {
  if (current.busy) return;
  set({ busy: true, error: null });
  try {
    await ask(api.POST("/api/v1/session/end"));
  } catch (error) {
    // The session still stands: so the page stays, and says why.
    if (!(error instanceof ApiProblem) || error.status !== 401) return set({ busy: false, error });
  }
  set(STILL);
  sessionEnded("signed_out");
}

export const forgetRefusal = () => set({ ...current, error: null });

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useSigningOut = () => useSyncExternalStore(subscribe, () => current);
