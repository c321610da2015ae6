import { ChevronRight, Info } from "lucide-react";
import type { ReactNode } from "react";
import { Coded } from "@/components/ui/coded";
import { Facts, Skeleton } from "@/components/ui/page";
import { Quoted } from "@/components/ui/quoted";
import type { Build, BuildPlan } from "@/lib/types";
import { buildWords } from "@/lib/words-builds";
import styles from "./build-panel.module.css";
import { stepBars } from "./build-steps";
import { StepList } from "./step-list";

const text = buildWords;

const code = (command: string | undefined): ReactNode =>
  command ? <code className="mono">{command}</code> : null;

/** What was found in the repository and what follows from it, in words; the commands themselves are folded away. */
function Plan({ plan }: { plan: BuildPlan }) {
  const { notes = [], found = [], start = [], images = [] } = plan;
  return (
    <div className={styles.plan}>
      <h3>{text.plan}</h3>
      <p className={styles.summary}>{plan.summary}</p>
      {notes.map((note) => (
        <p key={note} className={styles.note}>
          <Info aria-hidden />
          <span>
            <Coded text={note} />
          </span>
        </p>
      ))}
      <details className={styles.more}>
        <summary>
          <ChevronRight aria-hidden />
          {text.commands}
        </summary>
        <Facts
          items={[
            [text.found, found.join(" · ")],
            [text.version, plan.version],
            [text.install, code(plan.install)],
            [text.build, code(plan.build)],
            [text.start, code(start.join(" "))],
            [text.port, plan.port],
            [text.images, images.join(", ")],
          ]}
        />
        {plan.containerfile ? (
          <Quoted label={text.containerfile} className={styles.containerfile} text={plan.containerfile} />
        ) : null}
      </details>
    </div>
  );
}

type Props = {
  build: Build | null | undefined;
  /** The step whose lines the log shows alone. */
  chosen: number | null;
  onChoose: (step: number | null) => void;
};

/** What a build spent its seconds on, and what it was made from. Nothing to say, nothing shown. */
export function BuildPanel({ build, chosen, onChoose }: Props) {
  if (build === undefined)
    return (
      <div className={styles.panel} aria-busy="true">
        <Skeleton height={24} width={180} />
        <Skeleton height={96} />
      </div>
    );
  if (build === null || (build.steps.length === 0 && !build.plan && !build.reused)) return null;
  const bars = stepBars(build);
  const cached = bars.filter((bar) => bar.cached).length;
  return (
    <section className={styles.panel} aria-label={text.title}>
      <div className={styles.head}>
        <h2>{text.title}</h2>
        {bars.length > 0 ? <span className="meta numbers">{text.counted(bars.length, cached)}</span> : null}
        {build.reused ? <span className="meta">{text.reused}</span> : null}
      </div>
      <div className={styles.columns}>
        {bars.length > 0 ? <StepList bars={bars} chosen={chosen} onChoose={onChoose} /> : null}
        {build.plan ? <Plan plan={build.plan} /> : null}
      </div>
    </section>
  );
}
