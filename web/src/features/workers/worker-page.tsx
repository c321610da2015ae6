import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Missing } from "@/app/errors";
import { Age } from "@/components/ui/age";
import { Notice, Problem } from "@/components/ui/notice";
import { Facts, Page, Section, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { ApiProblem } from "@/lib/problem";
import { workerLoadsQuery, workerQuery } from "@/lib/queries";
import type { Worker } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { workerWords } from "@/lib/words-deployments";
import { versionPairs } from "./capacity";
import { loadOf, statusOfWorker } from "./load";
import { WorkerInstances } from "./worker-instances";
import { Bases, Capacity, Isolation } from "./worker-parts";
import styles from "./workers.module.css";

const text = workerWords;

function Head({ worker }: { worker: Worker }) {
  return (
    <header className={styles.head}>
      <h1 className="cut" title={worker.name}>
        {worker.name}
      </h1>
      <p className={styles.state}>
        <Status status={statusOfWorker(worker)} />
        <span className="third">
          {worker.connected ? (
            text.connected
          ) : worker.last_seen_at ? (
            <>
              {text.disconnected}, {text.seen} <Age at={worker.last_seen_at} />
            </>
          ) : (
            text.disconnected
          )}
        </span>
        <span className="third">{wordFor(text.admin, worker.admin)}</span>
      </p>
    </header>
  );
}

function Notices({ worker }: { worker: Worker }) {
  const gone = worker.health === "lost" || (worker.health === "ready" && !worker.connected);
  return (
    <>
      {gone ? (
        <Notice tone="bad" title={text.gone}>
          {text.goneHelp}
        </Notice>
      ) : null}
      {worker.firewall && !worker.firewall.closed ? (
        <Notice tone="bad" title={text.isolationOpen}>
          {worker.firewall.detail}
        </Notice>
      ) : null}
      {worker.limits_enforced ? null : (
        <Notice tone="warn" title={text.limitsReported}>
          {text.limitsHelp}
        </Notice>
      )}
    </>
  );
}

function Parts({ worker }: { worker: Worker }) {
  const { data } = useQuery(workerLoadsQuery);
  const load = loadOf(data?.items, worker.id);
  return (
    <>
      <Head worker={worker} />
      <Notices worker={worker} />
      <div className={styles.columns}>
        <Section title={text.capacity}>
          <Capacity worker={worker} load={load} />
        </Section>
        <Section title={text.isolation}>
          <Isolation worker={worker} />
        </Section>
        <Section title={text.bases}>
          <Bases bases={worker.bases} />
        </Section>
        <Section title={text.versions}>
          <Facts items={[...versionPairs(worker.versions), [text.roles, worker.roles.join(", ")]]} />
        </Section>
      </div>
      <WorkerInstances workerId={worker.id} load={load} />
    </>
  );
}

/** One host: what it has and holds, whether apps are kept apart on it, and what runs there. */
export function WorkerPage() {
  const { workerId } = useParams({ from: "/workers/$workerId" });
  const { data, error, refetch } = useQuery(workerQuery(workerId));
  if (!data && error instanceof ApiProblem && (error.status === 404 || error.status === 422))
    return <Missing />;
  return (
    <Page title={data?.name ?? text.title} hideTitle>
      {data ? (
        <Parts worker={data} />
      ) : error ? (
        <Problem error={error} title={words.errors.title} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </Page>
  );
}
