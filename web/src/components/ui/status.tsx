import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CirclePause,
  CircleSlash,
  CircleX,
  History,
  LoaderCircle,
  type LucideIcon,
  Trash2,
  TriangleAlert,
  Unplug,
} from "lucide-react";
import { wordFor, words } from "@/lib/words";
import styles from "./status.module.css";

type Tone = "live" | "busy" | "bad" | "warn" | "lost" | "idle";
type Sign = { icon: LucideIcon; tone: Tone; pulse?: boolean };

const BUSY: Sign = { icon: CircleDot, tone: "busy", pulse: true };
const GOOD: Sign = { icon: CircleCheck, tone: "live" };
const BAD: Sign = { icon: CircleX, tone: "bad" };
const OVER: Sign = { icon: Ban, tone: "idle" };

const SIGNS: Record<string, Sign> = {
  queued: { icon: CircleDashed, tone: "idle" },
  building: BUSY,
  starting: BUSY,
  verifying: BUSY,
  live: GOOD,
  ready: GOOD,
  active: GOOD,
  replaced: { icon: History, tone: "idle" },
  failed: BAD,
  exited: BAD,
  cancelled: OVER,
  removed: OVER,
  retired: OVER,
  pending: { icon: CircleDashed, tone: "idle" },
  waiting: { icon: CircleDashed, tone: "idle" },
  none: { icon: CircleDashed, tone: "idle" },
  unready: { icon: TriangleAlert, tone: "warn" },
  stopped: { icon: CirclePause, tone: "idle" },
  joining: BUSY,
  preparing: BUSY,
  draining: BUSY,
  stopping: BUSY,
  deleted: { icon: Trash2, tone: "idle" },
  leaving: { icon: Ban, tone: "idle" },
  cordoned: { icon: CircleSlash, tone: "warn" },
  lost: { icon: Unplug, tone: "lost" },
};

/** Every word there is a sign for. */
export const STATUSES = Object.keys(SIGNS);

const UNKNOWN: Sign = { icon: LoaderCircle, tone: "idle" };

/** The icon alone, where the word stands beside it or in the label. */
export function StatusMark({ status, label }: { status: string; label?: boolean }) {
  const sign = SIGNS[status] ?? UNKNOWN;
  const word = wordFor(words.status, status);
  return (
    <span
      className={`${styles.mark} ${styles[sign.tone]} ${sign.pulse ? styles.pulse : ""}`}
      title={label ? word : undefined}
    >
      <sign.icon aria-hidden />
      {label ? <span className="only-read">{word}</span> : null}
    </span>
  );
}

/** Icon, then word; colour comes third. */
export function Status({ status }: { status: string }) {
  return (
    <span className={styles.status}>
      <StatusMark status={status} />
      {wordFor(words.status, status)}
    </span>
  );
}
