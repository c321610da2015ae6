import { CircleCheck, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { Gauge } from "@/components/ui/gauge";
import { SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { bytes, duration } from "@/lib/time";
import type { BaseImage, Worker, WorkerLoad } from "@/lib/types";
import { wordFor } from "@/lib/words";
import { workerWords } from "@/lib/words-deployments";
import { capacityLines } from "./capacity";
import { Disk } from "./disk";
import { memoryOf } from "./load";
import styles from "./workers.module.css";

const text = workerWords;

function Check({ good, children }: { good: boolean; children: ReactNode }) {
  const Icon = good ? CircleCheck : CircleX;
  return (
    <li className={`${styles.line} ${good ? styles.good : styles.wrong}`}>
      <Icon aria-label={good ? text.probeGood : text.probeBad} role="img" />
      <span>{children}</span>
    </li>
  );
}

/** What the last isolation probe found, in words. */
export function Isolation({ worker }: { worker: Worker }) {
  const { firewall } = worker;
  if (!firewall) return <p className="third">{text.isolationUnknown}</p>;
  return (
    <ul className={styles.column}>
      <Check good={firewall.closed}>{firewall.closed ? text.isolationClosed : text.isolationOpen}</Check>
      {Object.entries(firewall.probes ?? {}).map(([name, good]) => (
        <Check key={name} good={good === true}>
          {wordFor(text.probes, name)}
        </Check>
      ))}
      {firewall.detail && !firewall.closed ? <li className="meta">{firewall.detail}</li> : null}
    </ul>
  );
}

function Memory({ worker, load }: { worker: Worker; load: WorkerLoad | undefined }) {
  const memory = memoryOf(worker, load);
  if (!load) return <SkeletonRows rows={2} />;
  if (!memory) return null;
  const said = text.ofWhole(bytes(memory.promised), bytes(memory.whole));
  return (
    <div className={`${styles.measure} numbers`}>
      <Gauge label={text.memoryPromised} percent={memory.percent} said={said} short={memory.percent > 100} />
      <p className={styles.figures}>
        <span>{text.promised(said)}</span>
        <span className="third">{text.runningAndKept(load.running, load.kept)}</span>
      </p>
      <p className="meta">{memory.percent > 100 ? text.memoryOver : text.memoryHelp}</p>
    </div>
  );
}

/** What it has, what is promised of it, and how full its disk is. */
export function Capacity({ worker, load }: { worker: Worker; load: WorkerLoad | undefined }) {
  return (
    <div className={styles.column}>
      <ul className={`${styles.facts} numbers`}>
        {capacityLines(worker.capacity, worker.disk === null).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <h3>{text.memoryPromised}</h3>
      <Memory worker={worker} load={load} />
      <h3>{text.diskUse.title}</h3>
      <Disk disk={worker.disk} />
      <p className="meta">
        {text.diskUse.hint} <code>wh-cp disk</code>
      </p>
      {worker.limits_enforced ? (
        <ul>
          <Check good>{text.limitsEnforced}</Check>
        </ul>
      ) : null}
    </div>
  );
}

function Base({ base }: { base: BaseImage }) {
  const status = base.status === "building" ? "preparing" : base.status;
  return (
    <li title={base.detail || undefined}>
      <code>{base.name.replace(/^localhost\/wisehosting\//, "")}</code>
      <div className={styles.line}>
        <Status status={status} />
        <span>
          {base.seconds ? <span className="third numbers">{duration(base.seconds)}</span> : null}
          {base.status === "failed" ? <span className="meta"> {base.detail}</span> : null}
        </span>
      </div>
    </li>
  );
}

export function Bases({ bases }: { bases: BaseImage[] }) {
  if (bases.length === 0) return <p className="third">{text.noBases}</p>;
  return (
    <ul className={styles.column}>
      {bases.map((base) => (
        <Base key={base.name} base={base} />
      ))}
    </ul>
  );
}
