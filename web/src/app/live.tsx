/** The tab's one event stream: it patches the cache and tells whether what is shown is fresh. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { sessionRefused } from "@/lib/client";
import { serverNow } from "@/lib/clock";
import { applyEvent, refreshAll } from "@/lib/patch";
import { openStream } from "@/lib/stream";

/** The server looks back no further. */
const MOST_SECONDS_BACK = 3600;

/** Milliseconds of the moment since which nothing came, or null while the stream is open. */
const StaleContext = createContext<number | null>(null);
export const useStaleSince = () => useContext(StaleContext);

export function Live({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [staleSince, setStaleSince] = useState<number | null>(null);

  useEffect(() => {
    let left = false;
    let close = () => {};
    const open = () => {
      close = openStream({
        // What is shown was asked for since the page began to load; what changed meanwhile is told once more.
        url: () =>
          `/api/v1/events?within=${Math.min(MOST_SECONDS_BACK, Math.ceil(performance.now() / 1000) + 1)}`,
        onEvent: ({ event, data }) => {
          if (event === "missed") refreshAll(client);
          else applyEvent(client, event, data);
        },
        onState: (state) => {
          if (state === "open") setStaleSince(null);
          else if (state === "waiting" || state === "paused") setStaleSince((since) => since ?? serverNow());
        },
        onRefused: (status) => {
          if (status === 401)
            void sessionRefused().then((ended) => {
              if (!ended && !left) open();
            });
        },
      });
    };
    open();
    return () => {
      left = true;
      close();
    };
  }, [client]);

  return <StaleContext value={staleSince}>{children}</StaleContext>;
}
