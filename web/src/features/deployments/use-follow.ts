/** Following the end of a log: lets go as soon as one scrolls up, takes hold again at the end. */
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

const NEAR = 6;

/** `length` is what grows. Returns whether it follows, the scroll handler and the way to the end. */
export function useFollow(box: RefObject<HTMLElement | null>, length: number) {
  const [follow, setFollow] = useState(true);
  const [letGoAt, setLetGoAt] = useState(0);
  const last = useRef(0);

  const toEnd = useCallback(() => {
    const element = box.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight;
    last.current = element.scrollTop;
  }, [box]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each growth of the log leads to its end again
  useLayoutEffect(() => {
    if (follow) toEnd();
  }, [length, follow, toEnd]);

  const onScroll = useCallback(() => {
    const element = box.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR;
    const wentUp = element.scrollTop < last.current - 1;
    last.current = element.scrollTop;
    if (atEnd) setFollow(true);
    else if (wentUp) {
      setFollow(false);
      setLetGoAt((at) => (at === 0 || follow ? length : at));
    }
  }, [box, follow, length]);

  const letGo = useCallback(() => {
    setFollow(false);
    setLetGoAt(length);
  }, [length]);

  return {
    follow,
    onScroll,
    toEnd: useCallback(() => setFollow(true), []),
    letGo,
    fresh: Math.max(0, length - letGoAt),
  };
}
