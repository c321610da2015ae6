import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { Age } from "@/components/ui/age";
import { Empty, Notice, Problem } from "@/components/ui/notice";
import { Facts, Page, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { workersQuery } from "@/lib/queries";
import { duration } from "@/lib/time";
import type { BaseImage, Worker } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { workerWords } from "@/lib/words-deployments";
import { capacityLines, versionPairs } from "./capacity";
import { Disk } from "./disk";
import styles from "./workers.module.css";

const text = workerWords;

function Column({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.column}>
      <h3>{title}</h3>
      {children}
    </div>
  );
}

function Check({ good, children }: { good: boolean; children: ReactNode }) {
  const Icon = good ? CircleCheck : CircleX;
  return (
    <li className={`${styles.line} ${good ? styles.good : styles.wrong}`}>
      <Icon aria-label={good ? text.probeGood : text.probeBad} role="img" />
      <span>{children}</span>
    </li>
  );
}

function Isolation({ worker }: { worker: Worker }) {
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

function Base({ base }: { base: BaseImage }) {
  const status = base.status === "building" ? "preparing" : base.status;
  return (
    <li title={base.detail || undefined}>
      <code>{base.name}</code>
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

function WorkerCard({ worker }: { worker: Worker }) {
  return (
    <article className={styles.worker} aria-label={worker.name}>
      <header className={styles.head}>
        <h2>{worker.name}</h2>
        <Status status={worker.health} />
        {worker.admin === "active" ? null : <Status status={worker.admin} />}
        <span className="meta">
          {worker.connected ? (
            text.connected
          ) : (
            <>
              {text.disconnected}
              {worker.last_seen_at ? (
                <>
                  {", "}
                  {text.seen} <Age at={worker.last_seen_at} />
                </>
              ) : null}
            </>
          )}
        </span>
      </header>
      {worker.limits_enforced ? null : (
        <Notice tone="warn" title={text.limitsReported}>
          {text.limitsHelp}
        </Notice>
      )}
      <div className={styles.columns}>
        <Column title={text.isolation}>
          <Isolation worker={worker} />
        </Column>
        <Column title={text.capacity}>
          <ul className={`${styles.column} numbers`}>
            {capacityLines(worker.capacity, worker.disk === null).map((line) => (
              <li key={line}>{line}</li>
            ))}
            {worker.limits_enforced ? <Check good>{text.limitsEnforced}</Check> : null}
          </ul>
          <h3>{text.diskUse.title}</h3>
          <Disk disk={worker.disk} />
          <h3>{text.bases}</h3>
          {worker.bases.length === 0 ? <p className="third">{text.noBases}</p> : null}
          <ul className={styles.column}>
            {worker.bases.map((base) => (
              <Base key={base.name} base={base} />
            ))}
          </ul>
        </Column>
        <Column title={text.versions}>
          <Facts items={[...versionPairs(worker.versions), [text.roles, worker.roles.join(", ")]]} />
        </Column>
      </div>
    </article>
  );
}

export function WorkersPage() {
  const { data, error, refetch } = useQuery(workersQuery);
  return (
    <Page title={text.title} full>
      {data ? null : error ? (
        <Problem error={error} title={words.errors.title} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={5} />
      )}
      {data?.items.length === 0 ? <Empty>{text.empty}</Empty> : null}
      <div className={styles.workers}>
        {data?.items.map((worker) => (
          <WorkerCard key={worker.id} worker={worker} />
        ))}
      </div>
    </Page>
  );
}
