import { memo } from "react";
import { type LogRow, MAX_SHOWN, refOf } from "@/lib/log";
import { type LineRef, printRef } from "@/lib/log-address";
import { clockTime, exact } from "@/lib/time";
import { logWords } from "@/lib/words-logs";
import { Ansi } from "./ansi";
import styles from "./log-view.module.css";

/** A colour for an instance that stays the same as long as its id does. */
export function chipOf(instance: string): number {
  let sum = 0;
  for (const letter of instance) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 100_003;
  return sum % 5;
}

/** `web 3f2a`: the process, and enough of the instance's id to tell it from its neighbours. */
export const writerName = (instance: string, process: string | null): string =>
  `${process ?? ""} ${instance.slice(-4)}`.trim();

type Props = {
  row: LogRow;
  top: number;
  height: number;
  wanted: string;
  instances: boolean;
  steps: boolean;
  found: boolean;
  chosen: boolean;
  onChoose: (line: LineRef, shift: boolean) => void;
};

/** One row: time, step or instance, text. */
export const Row = memo(function Row(props: Props) {
  const { row, top, height, wanted, instances, steps, found, chosen, onChoose } = props;
  const style = { transform: `translateY(${top}px)`, height };
  if (row.kind === "gap")
    return (
      <div className={styles.row} style={style}>
        <span className={styles.gap}>{logWords.dropped(row.count)}</span>
      </div>
    );
  const stream = row.stream === "stderr" || row.stream === "platform" ? styles[row.stream] : "";
  const time = Number.isNaN(row.at) ? "" : clockTime(row.at);
  return (
    <div
      className={`${styles.row} ${stream} ${chosen ? styles.chosen : ""} ${found ? styles.found : ""}`}
      style={style}
      data-line={printRef(refOf(row))}
    >
      <button
        type="button"
        className={styles.time}
        tabIndex={-1}
        aria-pressed={chosen}
        aria-label={logWords.chooseLine(row.n, time)}
        title={`${exact(row.at)} · ${logWords.time}\n${logWords.chooseHelp}`}
        onClick={(event) => onChoose(refOf(row), event.shiftKey)}
      >
        {time}
      </button>
      {instances && row.instance ? (
        <span className={`${styles.chip} ${styles[`chip${chipOf(row.instance)}`]}`} title={row.instance}>
          {writerName(row.instance, row.process)}
        </span>
      ) : null}
      {steps ? (
        <span className={styles.step} title={row.step > 0 ? logWords.step(row.step) : undefined}>
          {row.step > 0 ? row.step : ""}
        </span>
      ) : null}
      <span className={styles.text}>
        <Ansi text={row.text} wanted={wanted} />
        {row.text.length > MAX_SHOWN ? (
          <span className={styles.cut}>{logWords.longer(row.text.length)}</span>
        ) : null}
      </span>
    </div>
  );
});
