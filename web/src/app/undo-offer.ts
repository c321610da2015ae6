/** Which project was just deleted in this tab: its undo stays in reach for a while, on every page. */
import { useSyncExternalStore } from "react";

const OFFERED_MS = 30_000;

let offered: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function set(projectId: string | null): void {
  offered = projectId;
  for (const listener of listeners) listener();
}

/** Offers it for half a minute; a second offer takes the place of the first. */
export function offerUndo(projectId: string): void {
  clearTimeout(timer);
  timer = setTimeout(() => set(null), OFFERED_MS);
  set(projectId);
}

export function withdrawUndo(): void {
  clearTimeout(timer);
  set(null);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useOfferedUndo = () => useSyncExternalStore(subscribe, () => offered);
