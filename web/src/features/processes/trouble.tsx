import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { Age } from "@/components/ui/age";
import { buttonClass } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Instance } from "@/lib/types";
import { wordFor } from "@/lib/words";
import { processWords } from "@/lib/words-running";
import { unwell } from "./instances";
import styles from "./processes.module.css";

const text = processWords;

const lower = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

/** The name of a reason in the middle of a sentence, or the exit code where there is none. */
function whyEnded(end: NonNullable<Instance["last_end"]>): string {
  if (end.reason) return lower(wordFor(text.reasons, end.reason));
  return typeof end.exit_code === "number" ? text.exitCode(end.exit_code) : text.byItself;
}

/** What is wrong with an instance, loudly: the reason, what it said last, what to do. */
export function Broken({
  instance,
  alone,
  projectId,
}: {
  instance: Instance;
  alone: boolean;
  projectId: string;
}) {
  if (!unwell(instance)) return null;
  const reason = instance.reason ? wordFor(text.reasons, instance.reason) : null;
  const tone = instance.status === "exited" ? "bad" : "warn";
  const title = [reason, instance.detail].filter(Boolean).join(": ") || wordFor({}, instance.status);
  return (
    <Notice
      tone={tone}
      title={title}
      action={
        instance.status === "exited" ? (
          <Link
            to="/projects/$projectId/deployments"
            params={{ projectId }}
            className={buttonClass({ small: true })}
          >
            {text.rollBack}
          </Link>
        ) : undefined
      }
    >
      {instance.next_step ? <p>{instance.next_step}</p> : null}
      <p>{alone ? text.staysLiveAlone : text.staysLive}</p>
    </Notice>
  );
}

/** The last time it ended and came back: one quiet line, with its last words folded away. */
export function LastEnd({ instance }: { instance: Instance }) {
  const end = instance.last_end;
  if (!end || unwell(instance)) return null;
  const line = (
    <>
      {text.ended} <Age at={end.at} />: {whyEnded(end)},{" "}
      {instance.status === "ready" ? text.again : text.waitsAgain}
    </>
  );
  if (!end.detail && !end.next_step) return <p className="meta">{line}</p>;
  return (
    <details className={styles.end}>
      <summary>
        <ChevronRight aria-hidden />
        <span>{line}</span>
      </summary>
      <div className={styles.said}>
        {end.detail ? <pre>{end.detail}</pre> : null}
        {end.next_step ? <p>{end.next_step}</p> : null}
      </div>
    </details>
  );
}
