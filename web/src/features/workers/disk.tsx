import { Gauge } from "@/components/ui/gauge";
import { bytes } from "@/lib/time";
import type { Disk as DiskUse } from "@/lib/types";
import { workerWords } from "@/lib/words-deployments";
import { SHORT, share } from "./disk-share";
import styles from "./workers.module.css";

const text = workerWords.diskUse;

/** What images and containers take of what they may, in words. */
export const usedOf = (disk: DiskUse): string =>
  disk.budget_bytes === null
    ? text.used(bytes(disk.used_bytes))
    : text.usedOf(bytes(disk.used_bytes), bytes(disk.budget_bytes));

/** What images and containers take, of what they may take, and what the disk has left. */
export function Disk({ disk }: { disk: DiskUse | null }) {
  if (!disk) return <p className="third">{text.unknown}</p>;
  const percent = share(disk);
  const used = usedOf(disk);
  return (
    <div className={`${styles.measure} numbers`}>
      <Gauge label={text.title} percent={percent} said={used} short={percent >= SHORT} />
      <p className={styles.figures}>
        <span>{used}</span>
        <span className="third">{text.free(bytes(disk.free_bytes))}</span>
      </p>
      {disk.budget_bytes !== null && percent >= 100 ? <p className={styles.over}>{text.over}</p> : null}
    </div>
  );
}
