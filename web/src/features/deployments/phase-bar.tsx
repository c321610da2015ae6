import { serverNow, useNow } from "@/lib/clock";
import { duration } from "@/lib/time";
import type { Deployment } from "@/lib/types";
import { deploymentWords } from "@/lib/words-deployments";
import styles from "./phase-bar.module.css";
import { ACTIVE, segments, took } from "./phases";

/** Over bars of finished deployments no clock runs. */
function Ticking({ deployment }: { deployment: Deployment }) {
  useNow(200);
  return <Bar deployment={deployment} now={serverNow()} />;
}

function Bar({ deployment, now }: { deployment: Deployment; now: number }) {
  const parts = segments(deployment, now);
  const over = ["replaced", "cancelled", "failed"].includes(deployment.status);
  const tone = deployment.status === "live" ? styles.live : over ? styles.over : "";
  return (
    <div className={styles.phases}>
      <div className={`${styles.bar} ${tone}`} aria-hidden>
        {parts.map((part) => (
          <span
            key={part.phase}
            className={`${styles.segment} ${styles[part.state] ?? ""}`}
            style={part.state === "running" ? { minWidth: `${part.width}%` } : { width: `${part.width}%` }}
            title={`${part.label} ${duration(part.seconds)}`}
          />
        ))}
      </div>
      <ol className={styles.list} aria-label={deploymentWords.phases}>
        {parts.length === 0 ? <li className={styles.item}>{deploymentWords.noPhases}</li> : null}
        {parts.map((part) => (
          <li
            key={part.phase}
            className={`${styles.item} ${part.state === "running" ? styles.now : ""} ${part.state === "failed" ? styles.failed : ""}`}
          >
            <span>{part.label}</span>
            <span>{duration(part.seconds)}</span>
          </li>
        ))}
        {parts.length > 0 ? (
          <li className={`${styles.item} ${styles.total}`}>
            <span>{deploymentWords.total}</span>
            <span>{duration(took(deployment, now))}</span>
          </li>
        ) : null}
      </ol>
    </div>
  );
}

/** The phases as one bar whose segments are as long as their seconds, the running one moving. */
export function PhaseBar({ deployment }: { deployment: Deployment }) {
  if (ACTIVE.has(deployment.status)) return <Ticking deployment={deployment} />;
  const end = deployment.finished_at ?? deployment.created_at;
  return <Bar deployment={deployment} now={Date.parse(end)} />;
}
