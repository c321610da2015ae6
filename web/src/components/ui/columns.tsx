import type { ReactNode } from "react";
import table from "./table.module.css";

export type Column = {
  /** Unique within its table. */
  id: string;
  head: ReactNode;
  /** The class that sets its width; without one it takes its share of what is left. */
  width?: string;
  /** Figures and times stand right. */
  right?: boolean;
  /** Left out on a phone. */
  wide?: boolean;
  title?: string;
  sort?: "ascending" | "descending";
};

const classes = (...names: (string | false | undefined)[]) => names.filter(Boolean).join(" ") || undefined;

/** The columns of a table and their heads: one list says both. */
export function Columns({ of }: { of: Column[] }) {
  return (
    <>
      <colgroup>
        {of.map(({ id, width, wide }) => (
          <col key={id} className={classes(width, wide && table.wide)} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {of.map(({ id, head, right, wide, title, sort }) => (
            <th
              key={id}
              scope="col"
              className={classes(right && table.right, wide && table.wide)}
              title={title}
              aria-sort={sort}
            >
              {head}
            </th>
          ))}
        </tr>
      </thead>
    </>
  );
}
