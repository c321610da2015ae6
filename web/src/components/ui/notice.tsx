import { CircleCheck, CircleX, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { ApiProblem, sentenceOf } from "@/lib/problem";
import { words } from "@/lib/words";
import { Button } from "./button";
import styles from "./notice.module.css";

const ICONS = { bad: CircleX, warn: TriangleAlert, info: Info, good: CircleCheck };

type Props = { tone: keyof typeof ICONS; title?: ReactNode; children?: ReactNode; action?: ReactNode };

/** Sentences, and the lines they quote after a colon: the end of a log. */
function split(text: string): [string, string] {
  const colon = text.indexOf(":\n");
  const at = colon < 0 ? text.indexOf("\n") : colon + 1;
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** What happened, what to do, and the button that does it. */
export function Notice({ tone, title, children, action }: Props) {
  const Icon = ICONS[tone];
  const [sentence, quoted] = typeof title === "string" ? split(title) : [title, ""];
  return (
    <div className={`${styles.notice} ${styles[tone]}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon aria-hidden />
      <div className={styles.body}>
        {sentence ? <p className={styles.title}>{sentence}</p> : null}
        {quoted ? <pre className={styles.quoted}>{quoted}</pre> : null}
        {children ? <div className={title ? styles.detail : undefined}>{children}</div> : null}
      </div>
      {action}
    </div>
  );
}

/** An error of the API in its own words, with the id that finds it in the log. */
export function Problem({ error, title, retry }: { error: unknown; title?: string; retry?: () => void }) {
  if (!error) return null;
  const id = error instanceof ApiProblem ? error.requestId : null;
  return (
    <Notice
      tone="bad"
      title={title}
      action={
        retry ? (
          <Button small onClick={retry}>
            {words.actions.retry}
          </Button>
        ) : undefined
      }
    >
      {sentenceOf(error)}
      {id ? <p className="meta mono">{words.errors.request(id)}</p> : null}
    </Notice>
  );
}

/** One sentence what this is for, one button, nothing else. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p>{children}</p>
      {action}
    </div>
  );
}
