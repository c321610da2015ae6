import { bytes } from "@/lib/time";
import type { Disk as DiskUse } from "@/lib/types";
import { workerWords } from "@/lib/words-deployments";
import styles from "./workers.module.css";

const text = workerWords.diskUse;
const SHORT = 90;

/** How full a bar is, in percent, between 0 and 100: of the budget, or of what the disk could hold. */
export function share(disk: DiskUse): number {
  const whole = disk.budget_bytes ?? disk.used_bytes + disk.free_bytes;
  if (whole <= 0) return 100;
  return Math.min(100, (disk.used_bytes / whole) * 100);
}

/** What images and containers take, of what they may take, and what the disk has left. */
export function Disk({ disk }: { disk: DiskUse | null }) {
  if (!disk) return <p className="third">{text.unknown}</p>;
  const percent = share(disk);
  const used =
    disk.budget_bytes === null
      ? text.used(bytes(disk.used_bytes))
      : text.usedOf(bytes(disk.used_bytes), bytes(disk.budget_bytes));
  return (
    <div className={`${styles.disk} numbers`}>
      {/* biome-ignore lint/a11y/useSemanticElements: the element meter does not take a style in all browsers */}
      <div
        className={`${styles.gauge} ${percent >= SHORT ? styles.short : ""}`}
        role="meter"
        aria-label={text.title}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(percent)}
        aria-valuetext={used}
      >
        <span style={{ width: `max(${percent}%, 2px)` }} />
      </div>
      <p className={styles.figures}>
        <span>{used}</span>
        <span className="third">{text.free(bytes(disk.free_bytes))}</span>
      </p>
      {disk.budget_bytes !== null && percent >= 100 ? <p className={styles.over}>{text.over}</p> : null}
      <p className="meta">
        {text.hint} <code>wh-cp disk</code>
      </p>
    </div>
  );
}
