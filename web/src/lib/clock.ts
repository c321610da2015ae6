/** One clock for all pages: ticks only while something shows an age, corrected to the server's time. */
import { useCallback, useSyncExternalStore } from "react";

let offset = 0;

/** Learns from a Date header how far this machine's clock is off. Below 2 s it is the network, not the clock. */
export function noteServerDate(header: string | null, localNow: number = Date.now()): void {
  if (header === null) return;
  const server = Date.parse(header);
  if (Number.isNaN(server)) return;
  const difference = server - localNow;
  offset = Math.abs(difference) > 2000 ? difference : 0;
}

/** Milliseconds since 1970 by the server's clock. */
export function serverNow(): number {
  return Date.now() + offset;
}

/** The server's time, renewed every `step` milliseconds while the component is shown. */
export function useNow(step: number): number {
  const subscribe = useCallback(
    (changed: () => void) => {
      const timer = setInterval(changed, step);
      return () => clearInterval(timer);
    },
    [step],
  );
  // Rounded down, or React would see a new value with each look.
  return useSyncExternalStore(subscribe, () => Math.floor(serverNow() / step) * step);
}
