import { Lightbulb } from "lucide-react";
import type { ReactNode } from "react";
import { Coded } from "@/components/ui/coded";
import { Notice } from "@/components/ui/notice";
import { Quoted } from "@/components/ui/quoted";
import type { Build, Deployment } from "@/lib/types";
import { buildWords } from "@/lib/words-builds";
import { deploymentWords } from "@/lib/words-deployments";
import styles from "./build-failure.module.css";
import { firstLine } from "./build-steps";

const text = buildWords;

type Props = {
  deployment: Deployment;
  build: Build;
  /** The button that does what is next. */
  action?: ReactNode;
  /** What leads to all that the build said. */
  all: ReactNode;
};

/** A failed build, first things first: what failed, what to do about it, what it said last. */
export function BuildFailure({ deployment, build, action, all }: Props) {
  const { hint, last_lines: lines } = build;
  return (
    <Notice
      tone="bad"
      title={firstLine(deployment.detail ?? "") || deploymentWords.reasonUnknown}
      action={action}
    >
      {hint ? (
        <p className={styles.hint}>
          <Lightbulb aria-hidden />
          <span>
            <strong>{hint.title}.</strong> <Coded text={hint.sentence} />
          </span>
        </p>
      ) : (
        deployment.next_step
      )}
      {lines.length > 0 ? (
        <Quoted label={text.lastLines} className={styles.lines} text={lines.join("\n")} />
      ) : null}
      {all ? <p className={styles.all}>{all}</p> : null}
    </Notice>
  );
}
