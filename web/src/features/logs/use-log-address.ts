/** What one sees of the log of this page, kept in the address: a link and a reload show the same. */
import { useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { type LogAddress, readAddress, writeAddress } from "@/lib/log-address";

const WRITE_MS = 250;

export type ChangeAddress = (part: Partial<LogAddress>) => void;

/** The page owns it and hands it to its parts. The address follows a moment later: typing and scrolling do not wait for it. */
export function useLogAddress(): [address: LogAddress, change: ChangeAddress] {
  const { history } = useRouter();
  const [address, setAddress] = useState(() => readAddress(history.location.search));
  const now = useRef(address);
  const written = useRef(history.location.search);
  const page = useRef(history.location.pathname);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const change = useCallback(
    (part: Partial<LogAddress>) => {
      now.current = { ...now.current, ...part };
      setAddress(now.current);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        const { pathname, search, hash } = history.location;
        if (pathname !== page.current) return;
        written.current = writeAddress(search, now.current);
        // Replaced, not added: the way back leads to the page before, not to the word before.
        if (written.current !== search) history.replace(`${pathname}${written.current}${hash}`);
      }, WRITE_MS);
    },
    [history],
  );

  useEffect(() => {
    const stop = history.subscribe(({ location }) => {
      if (location.pathname !== page.current || location.search === written.current) return;
      written.current = location.search;
      now.current = readAddress(location.search);
      setAddress(now.current);
    });
    return () => {
      stop();
      clearTimeout(timer.current);
    };
  }, [history]);

  return [address, change];
}
