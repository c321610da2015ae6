import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { StatusMark } from "@/components/ui/status";
import type { Platform } from "@/lib/types";
import { words } from "@/lib/words";
import { overviewWords } from "@/lib/words-platform";
import type { Figures } from "./figures";
import styles from "./overview.module.css";
import type { Trouble } from "./troubles";

const SHOWN = 6;

function Row({ trouble }: { trouble: Trouble }) {
  return (
    <li>
      <Link {...trouble.place} className={styles.trouble} title={trouble.detail || undefined}>
        <StatusMark status={trouble.status} />
        <span className={`cut ${styles.name}`} title={trouble.name}>
          {trouble.name}
        </span>
        <span className={styles.what}>{trouble.what}</span>
        <span className={`cut ${styles.detail}`}>{trouble.detail}</span>
        <span className={styles.when}>
          <Age at={trouble.at} />
        </span>
      </Link>
    </li>
  );
}

/** One line that says how things are, with the numbers; below it what needs a look, worst first. */
export function Attention({
  troubles,
  figures,
  workers,
  complete,
}: {
  troubles: Trouble[];
  figures: Figures | null;
  workers: Platform["workers"] | null;
  complete: boolean;
}) {
  const [all, setAll] = useState(false);
  const calm = troubles.length === 0;
  const minor = troubles.every((each) => each.weight === 2);
  const shown = all ? troubles : troubles.slice(0, SHOWN);
  const status = calm ? (complete ? "ready" : "pending") : minor ? "replaced" : troubles[0]?.status;
  const sentence = calm
    ? complete
      ? overviewWords.well
      : overviewWords.looking
    : overviewWords.attention(troubles.length);
  const numbers = [
    figures ? overviewWords.live(figures.live, figures.apps.length) : "",
    figures && figures.wanted > 0 ? overviewWords.instances(figures.ready, figures.wanted) : "",
    workers ? words.frame.workersReady(workers.ready, workers.total) : "",
  ].filter(Boolean);
  return (
    <section className={styles.attention} aria-label={sentence}>
      <p className={`${styles.headline} numbers`} role="status">
        <span className={styles.sentence}>
          <StatusMark status={status ?? "pending"} />
          <strong>{sentence}</strong>
        </span>
        {numbers.map((each) => (
          <span key={each} className="third">
            {each}
          </span>
        ))}
      </p>
      {calm ? null : (
        <ul className={styles.troubles}>
          {shown.map((each) => (
            <Row key={each.key} trouble={each} />
          ))}
        </ul>
      )}
      {troubles.length > SHOWN && !all ? (
        <div>
          <Button small onClick={() => setAll(true)}>
            {overviewWords.allTroubles(troubles.length)}
          </Button>
        </div>
      ) : null}
    </section>
  );
}
