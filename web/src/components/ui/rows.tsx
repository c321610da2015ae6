import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useDeferredValue, useLayoutEffect, useRef, useState } from "react";

/** Up to so many rows all are in the page; of more, those in sight. */
export const WHOLE = 100;
const ROW_PX = 36;
const READY = 6;
/** So many are shown with the page; more come right after it, so that the page itself comes at once. */
const AT_ONCE = 12;

type Props<Item> = {
  items: Item[];
  /** A `<tr>` of the height of all rows, with `aria-rowindex` of the number it is given. */
  row: (item: Item, rowIndex: number) => ReactNode;
};

/** One cell: a span over columns that a phone leaves out would make them again. */
function Space({ px }: { px: number }) {
  return px > 0 ? (
    <tr aria-hidden>
      <td style={{ height: px, padding: 0, border: 0 }} />
    </tr>
  ) : null;
}

/** The body of a long table that scrolls with its page: a thousand rows cost what is in sight costs. */
function Sight<Item extends { id: string }>({ items, row }: Props<Item>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  const page = () => body.current?.closest("main") ?? null;
  useLayoutEffect(() => {
    const main = body.current?.closest("main");
    if (!main || !body.current) return;
    const from = body.current.getBoundingClientRect().top - main.getBoundingClientRect().top;
    setTop(from + main.scrollTop);
  }, []);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: page,
    estimateSize: () => ROW_PX,
    overscan: READY,
    scrollMargin: top,
    getItemKey: (index) => items[index]?.id ?? index,
    initialRect: { width: 0, height: window.innerHeight },
  });
  const shown = rows.getVirtualItems();
  const before = (shown[0]?.start ?? top) - top;
  const after = rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  return (
    <tbody ref={body}>
      <Space px={before} />
      {shown.map(({ index }) => {
        const item = items[index];
        return item ? row(item, index + 2) : null;
      })}
      <Space px={after} />
    </tbody>
  );
}

/** The rows of a table. The table says `aria-rowcount`, heads included. */
export function Rows<Item extends { id: string }>(props: Props<Item>) {
  const { items, row } = props;
  const whole = useDeferredValue(true, items.length <= AT_ONCE);
  if (!whole) {
    return (
      <tbody>
        {items.slice(0, AT_ONCE).map((item, index) => row(item, index + 2))}
        <Space px={(items.length - AT_ONCE) * ROW_PX} />
      </tbody>
    );
  }
  if (items.length > WHOLE) return <Sight {...props} />;
  return <tbody>{items.map((item, index) => row(item, index + 2))}</tbody>;
}
