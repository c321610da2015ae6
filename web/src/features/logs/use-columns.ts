/** How many characters of the log's font fit beside each other. */
import { type RefObject, useLayoutEffect, useState } from "react";

const PROBE = 40;

/** `probe` holds forty characters, `box` the rows; `before` is what stands in a row before its text, in pixels. */
export function useColumns(
  box: RefObject<HTMLElement | null>,
  probe: RefObject<HTMLElement | null>,
  wrap: boolean,
  before: number,
): number {
  const [columns, setColumns] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    const sample = probe.current;
    if (!wrap || !element || !sample) {
      setColumns(0);
      return;
    }
    const measure = () => {
      const one = sample.getBoundingClientRect().width / PROBE;
      if (one > 0) setColumns(Math.max(20, Math.floor((element.clientWidth - before) / one)));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // The font may come after the first rows.
    void document.fonts.ready.then(measure);
    measure();
    return () => observer.disconnect();
  }, [box, probe, wrap, before]);
  return columns;
}
