import { CircleX } from "lucide-react";
import { duration } from "@/lib/time";
import { buildWords } from "@/lib/words-builds";
import type { StepBar } from "./build-steps";
import styles from "./step-list.module.css";

const text = buildWords;

type Props = { bars: StepBar[]; chosen: number | null; onChoose: (step: number | null) => void };

function Took({ bar }: { bar: StepBar }) {
  if (bar.cached) return <span title={text.cachedHelp}>{text.cached}</span>;
  if (!bar.failed) return <span>{duration(bar.seconds)}</span>;
  return (
    <span>
      <CircleX aria-label={text.failed} />
      {duration(bar.seconds)}
    </span>
  );
}

/** The steps in their order, each with a bar as long as its seconds. A click shows its lines alone, a second one all. */
export function StepList({ bars, chosen, onChoose }: Props) {
  return (
    <ol className={styles.list} aria-label={text.steps}>
      {bars.map((bar) => {
        const state = bar.failed ? styles.failed : bar.cached ? styles.cached : bar.slow ? styles.slow : "";
        const on = bar.number === chosen;
        return (
          <li key={bar.number}>
            {bar.stageBegins === null ? null : <p className={styles.stage}>{text.stage(bar.stageBegins)}</p>}
            <button
              type="button"
              className={`${styles.step} ${state}`}
              aria-pressed={on}
              title={`${bar.instruction}\n${text.show(bar.number)}`}
              onClick={() => onChoose(on ? null : bar.number)}
            >
              <span className={styles.number}>{bar.number}</span>
              <span className={`cut ${styles.instruction}`}>{bar.instruction}</span>
              <span className={styles.track} aria-hidden>
                <span className={styles.bar} style={{ width: `${bar.width}%` }} />
              </span>
              <span className={styles.took}>
                <Took bar={bar} />
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
