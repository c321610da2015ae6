import { type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from "react";
import { usePainted } from "@/lib/idle";

/** Up to so many rows all are in the page; of more, those in sight. */
export const WHOLE = 100;
const ROW_PX = 36;
/** Above and below the sight; it moves by as many, so that a scroll of a few pixels draws nothing. */
const READY = 8;
/** So many are shown with the page; more come right after it, so that the page itself comes at once. */
const AT_ONCE = 12;

type Props<Item> = {
  items: Item[];
  /** A `<tr>` of the height of all rows, with `aria-rowindex` of the number it is given. */
  row: (item: Item, rowIndex: number) => ReactNode;
};

/** One cell: a span over columns that a phone leaves out would make them again. */
function Space({ rows }: { rows: number }) {
  return rows > 0 ? (
    <tr aria-hidden>
      <td style={{ height: rows * ROW_PX, padding: 0, border: 0 }} />
    </tr>
  ) : null;
}

const endOf = (px: number) => (Math.ceil(px / ROW_PX / READY) + 1) * READY;

/** The rows of a body that can be seen while the page around it scrolls; all rows are equally high. */
function useSight(body: RefObject<HTMLElement | null>) {
  const [sight, setSight] = useState(() => ({ first: 0, end: endOf(window.innerHeight) }));
  useLayoutEffect(() => {
    const page = body.current?.closest("main");
    if (!page) return;
    const look = () => {
      if (!body.current) return;
      const over = page.getBoundingClientRect().top - body.current.getBoundingClientRect().top;
      const first = Math.max(0, Math.floor(over / ROW_PX / READY) - 1) * READY;
      const end = endOf(over + page.clientHeight);
      setSight((before) => (before.first === first && before.end === end ? before : { first, end }));
    };
    // It looks once at the beginning too, and after the layout, not instead of it.
    page.addEventListener("scroll", look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(page);
    observer.observe(body.current ?? page);
    return () => {
      page.removeEventListener("scroll", look);
      observer.disconnect();
    };
  }, [body]);
  return sight;
}

/** The body of a long table: a thousand rows cost what is in sight costs. */
function Sight<Item extends { id: string }>({ items, row }: Props<Item>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const { first, end } = useSight(body);
  return (
    <tbody ref={body}>
      <Space rows={Math.min(first, items.length)} />
      {items.slice(first, end).map((item, index) => row(item, first + index + 2))}
      <Space rows={items.length - end} />
    </tbody>
  );
}

/** The rows of a table. The table says `aria-rowcount`, heads included. */
export function Rows<Item extends { id: string }>(props: Props<Item>) {
  const { items, row } = props;
  const painted = usePainted();
  if (!painted && items.length > AT_ONCE) {
    return (
      <tbody>
        {items.slice(0, AT_ONCE).map((item, index) => row(item, index + 2))}
        <Space rows={items.length - AT_ONCE} />
      </tbody>
    );
  }
  if (items.length > WHOLE) return <Sight {...props} />;
  return <tbody>{items.map((item, index) => row(item, index + 2))}</tbody>;
}
