/** Which rows of a log are in sight, where they stand, and what keeps them there while others come and go. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { LogRow } from "@/lib/log";
import { LINE, RowLayout } from "@/lib/log-layout";
import { indexOfKey } from "@/lib/log-search";

const NEAR = 6;
/** Pixels above and below the sight that are kept ready for a scroll. */
const READY = 24 * LINE;
/** While it follows nobody scrolls, and each row that is ready is one more to make with every frame. */
const READY_TO_LET_GO = 3 * LINE;

type Options = {
  box: RefObject<HTMLElement | null>;
  rows: LogRow[];
  /** Another object for another choice of rows. */
  choice: object;
  /** Columns a line is wrapped at; 0 where nothing wraps. */
  columns: number;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  /** The first row in sight, after a scroll by hand. */
  onTop: (row: LogRow | undefined) => void;
};

/** The row at the top, by its key, and how far it is scrolled over. */
type Anchor = { key: number; over: number };

export function useWindow({ box, rows, choice, columns, follow, onFollow, onTop }: Options) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights that are known hold for one choice of rows
  const layout = useMemo(() => new RowLayout(columns), [columns, choice]);
  layout.update(rows);
  const now = useRef({ layout, rows });
  now.current = { layout, rows };
  const [sight, setSight] = useState({ top: 0, height: 0 });
  const anchor = useRef<Anchor | null>(null);
  const last = useRef(0);

  const note = useCallback((element: HTMLElement): LogRow | undefined => {
    const index = now.current.layout.indexAt(element.scrollTop);
    const row = now.current.rows[index];
    last.current = element.scrollTop;
    anchor.current = row
      ? { key: row.key, over: element.scrollTop - now.current.layout.offset(index) }
      : null;
    setSight((before) =>
      before.top === element.scrollTop && before.height === element.clientHeight
        ? before
        : { top: element.scrollTop, height: element.clientHeight },
    );
    return row;
  }, []);

  const scrollTo = useCallback(
    (pixels: number) => {
      const element = box.current;
      if (!element) return;
      element.scrollTop = pixels;
      note(element);
    },
    [box, note],
  );

  // Before the page is painted: at the end while it follows, else what stood at the top stands there again.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const held = anchor.current;
    if (follow) {
      element.scrollTop = element.scrollHeight;
      last.current = element.scrollTop;
    } else if (held) {
      const index = indexOfKey(rows, held.key);
      const wanted = layout.offset(index) + (rows[index]?.key === held.key ? held.over : 0);
      if (Math.abs(wanted - element.scrollTop) >= 1) scrollTo(wanted);
    } else note(element);
  }, [box, rows, layout, follow, note, scrollTo]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => note(element));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, note]);

  const onScroll = useCallback(() => {
    const element = box.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR;
    if (atEnd && follow) {
      last.current = element.scrollTop;
      return;
    }
    const wentUp = element.scrollTop < last.current - 1;
    const row = note(element);
    if (atEnd) onFollow(true);
    else {
      if (wentUp) onFollow(false);
      onTop(row);
    }
  }, [box, follow, note, onFollow, onTop]);

  /** Shows the row of this key in the middle. */
  const reveal = useCallback(
    (key: number) => {
      const middle = (box.current?.clientHeight ?? 0) / 2;
      const { layout: heights, rows: all } = now.current;
      scrollTo(Math.max(0, heights.offset(indexOfKey(all, key)) - middle + LINE));
    },
    [box, scrollTo],
  );

  /** Shows the row of this key at the top. */
  const toTop = useCallback(
    (key: number) => scrollTo(now.current.layout.offset(indexOfKey(now.current.rows, key))),
    [scrollTo],
  );

  // While it follows, the end is in sight: known before the page has scrolled there.
  const top = follow ? Math.max(0, layout.total - sight.height) : sight.top;
  const ready = follow ? READY_TO_LET_GO : READY;
  const first = layout.indexAt(top - ready);
  const end = rows.length === 0 ? 0 : layout.indexAt(top + sight.height + ready) + 1;
  const shown = rows.slice(first, end).map((row, at) => ({
    row,
    top: layout.offset(first + at),
    height: layout.offset(first + at + 1) - layout.offset(first + at),
  }));
  return { shown, total: layout.total, topKey: rows[layout.indexAt(top)]?.key ?? 0, onScroll, reveal, toTop };
}
