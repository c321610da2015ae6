/** The tab's one event stream: it patches the cache and tells whether what is shown is fresh. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { sessionEnded } from "@/lib/client";
import { serverNow } from "@/lib/clock";
import { applyEvent, refreshAll } from "@/lib/patch";
import { openStream } from "@/lib/stream";

/** Milliseconds of the moment since which nothing came, or null while the stream is open. */
const StaleContext = createContext<number | null>(null);
export const useStaleSince = () => useContext(StaleContext);

export function Live({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [staleSince, setStaleSince] = useState<number | null>(null);

  useEffect(
    () =>
      openStream({
        url: "/api/v1/events",
        onEvent: ({ event, data }) => applyEvent(client, event, data),
        onState: (state) => {
          if (state === "open") {
            setStaleSince(null);
            // Also at the first opening: what was asked for before it may have changed in between.
            refreshAll(client);
          } else if (state === "waiting" || state === "paused") {
            setStaleSince((since) => since ?? serverNow());
          }
        },
        onRefused: (status) => {
          if (status === 401) sessionEnded();
        },
      }),
    [client],
  );

  return <StaleContext value={staleSince}>{children}</StaleContext>;
}
