import { api, ask, sessionEnded } from "@/lib/client";
import { ApiProblem } from "@/lib/problem";

/** Ends the session on the server, then here. A session that was over already counts as ended. */
export async function signOut(): Promise<void> {
  try {
    await ask(api.POST("/api/v1/session/end"));
  } catch (error) {
    // When the server cannot be reached the session still stands: the page stays and its bar says so.
    if (!(error instanceof ApiProblem) || error.status !== 401) return;
  }
  sessionEnded("signed_out");
}
