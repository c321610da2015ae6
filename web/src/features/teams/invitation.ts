/** An invitation's link, from the side of whoever opens it. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/client";
import type { Offer, Session } from "@/lib/types";

/** What a link offers. Looking uses nothing up. */
export const offerQuery = (token: string) =>
  queryOptions({
    queryKey: ["invitation", token],
    queryFn: () => ask(api.POST("/api/v1/invitations/offer", { body: { token } })),
    // The token is not kept longer than the page.
    gcTime: 0,
  });

/** Who looks at it: nobody yet, the one it is for, or somebody else. */
export function standing(offer: Offer, session: Session | null): "stranger" | "invited" | "other" {
  if (!session) return "stranger";
  if (offer.email === null) return "invited";
  return offer.email.toLowerCase() === session.user.email.toLowerCase() ? "invited" : "other";
}

/** Begins a sign-in that accepts; returns where to go. The token goes in the body, so that no log has it. */
export const wayIn = (token: string): Promise<string> =>
  ask<{ location: string }>(
    fetch("/auth/invitation", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-WH-CSRF": "1" },
      body: JSON.stringify({ token }),
    }).then(async (response) => {
      const body = await response.json().catch(() => null);
      return response.ok ? { response, data: body } : { response, error: body };
    }),
  ).then(({ location }) => location);
