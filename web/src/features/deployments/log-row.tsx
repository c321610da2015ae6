import { memo } from "react";
import type { LogRow } from "@/lib/log";
import { clockTime, exact } from "@/lib/time";
import { logWords } from "@/lib/words-deployments";
import { Ansi } from "./ansi";
import styles from "./log-view.module.css";

/** A colour for an instance that stays the same as long as its id does. */
export function chipOf(instance: string): number {
  let sum = 0;
  for (const letter of instance) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 100_003;
  return sum % 5;
}

type Props = { row: LogRow; wanted: string; instances: boolean; steps: boolean };

/** The inside of one row: time, step or instance, text. */
export const LogRowContent = memo(function LogRowContent({ row, wanted, instances, steps }: Props) {
  if (row.kind === "gap") return <span className={styles.gap}>{logWords.dropped(row.count)}</span>;
  return (
    <>
      <span className={styles.time} title={`${exact(row.at)} · ${logWords.time}`}>
        {Number.isNaN(row.at) ? "" : clockTime(row.at)}
      </span>
      {instances && row.instance ? (
        <span className={`${styles.chip} ${styles[`chip${chipOf(row.instance)}`]}`} title={row.instance}>
          {row.process ?? row.instance.slice(0, 8)}
        </span>
      ) : null}
      {steps ? (
        <span className={styles.step} title={row.step > 0 ? logWords.step(row.step) : undefined}>
          {row.step > 0 ? row.step : ""}
        </span>
      ) : null}
      <span className={styles.text}>
        <Ansi text={row.text} wanted={wanted} />
      </span>
    </>
  );
});
