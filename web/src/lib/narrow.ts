/** Whether the window is as narrow as a phone: what the style sheets' `max-width: 719px` says. */
import { useSyncExternalStore } from "react";

const narrow = matchMedia("(max-width: 719px)");

const subscribe = (listener: () => void) => {
  narrow.addEventListener("change", listener);
  return () => narrow.removeEventListener("change", listener);
};

export const useNarrow = () => useSyncExternalStore(subscribe, () => narrow.matches);
