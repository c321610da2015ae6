/** The typed client of /api/v1: cookie session, CSRF header, problems as exceptions. */
import createClient, { type Middleware } from "openapi-fetch";
import { noteServerDate } from "./clock";
import { askedEarly } from "./early";
import { problemFrom, unreachable } from "./problem";
import type { paths } from "./schema";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Why nobody is signed in any more: the session ended by itself, or this tab ended it. */
export type SessionEnd = "ended" | "signed_out";

type Listener = (why: SessionEnd) => void;
const endedListeners = new Set<Listener>();

/** Calls back when the session ended or any request finds that it did. Returns the way to stop. */
export function onSessionEnded(listener: Listener): () => void {
  endedListeners.add(listener);
  return () => endedListeners.delete(listener);
}

export function sessionEnded(why: SessionEnd = "ended"): void {
  for (const listener of endedListeners) listener(why);
}

let looking: Promise<boolean> | null = null;

/**
 * Some request was refused for want of a session. Tells whether it really ended, and says so then: a sign-in in another
 * tab has a new one, whose cookie may have come a moment after the old one was refused.
 */
export function sessionRefused(): Promise<boolean> {
  looking ??= fetch("/api/v1/session", { credentials: "same-origin", cache: "no-store" })
    .then(
      ({ status }) => status === 401,
      () => false,
    )
    .then((ended) => {
      looking = null;
      if (ended) sessionEnded();
      return ended;
    });
  return looking;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method)) request.headers.set("X-WH-CSRF", "1");
    return request;
  },
  onResponse({ request, response }) {
    noteServerDate(response.headers.get("Date"));
    if (response.status === 401 && !new URL(request.url).pathname.endsWith("/api/v1/session"))
      void sessionRefused();
    return response;
  },
};

export const api = createClient<paths>({
  // openapi-fetch builds a Request, which wants an absolute address where there is no document (tests).
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  credentials: "same-origin",
  headers: { Accept: "application/json" },
  fetch: async (request) => (await askedEarly(request)) ?? fetch(request),
});
api.use(guard);

export type Answer<Data> = { data?: Data; error?: unknown; response: Response };

/** Returns the body of a good answer; throws ApiProblem for a refusal and for a server that cannot be reached. */
export async function ask<Data>(request: Promise<Answer<Data>>): Promise<Data> {
  let answer: Answer<Data>;
  try {
    answer = await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
  if (!answer.response.ok) throw problemFrom(answer.response.status, answer.error);
  return answer.data as Data;
}
