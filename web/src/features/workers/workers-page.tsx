import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Age } from "@/components/ui/age";
import { Gauge } from "@/components/ui/gauge";
import { Empty, Problem } from "@/components/ui/notice";
import { Page, Skeleton, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import table from "@/components/ui/table.module.css";
import { workerLoadsQuery, workersQuery } from "@/lib/queries";
import { bytes } from "@/lib/time";
import type { Worker, WorkerLoad } from "@/lib/types";
import { words } from "@/lib/words";
import { workerWords } from "@/lib/words-deployments";
import { usedOf } from "./disk";
import { SHORT, share } from "./disk-share";
import { loadOf, memoryOf, statusOfWorker } from "./load";
import styles from "./workers.module.css";

const text = workerWords;

function Isolation({ worker }: { worker: Worker }) {
  const { firewall } = worker;
  if (!firewall) return <span className="third">{text.isolationUnknown}</span>;
  return firewall.closed ? text.closed : <span className={styles.wrongWord}>{text.open}</span>;
}

function Row({ worker, load }: { worker: Worker; load: WorkerLoad | undefined }) {
  const memory = memoryOf(worker, load);
  const { disk } = worker;
  const percent = disk ? share(disk) : 0;
  return (
    <tr className={table.link}>
      <td className="cut">
        <Link
          to="/workers/$workerId"
          params={{ workerId: worker.id }}
          className={table.whole}
          title={worker.name}
        >
          {worker.name}
        </Link>
      </td>
      <td>
        <Status status={statusOfWorker(worker)} />
      </td>
      <td className={table.wide}>
        <Isolation worker={worker} />
      </td>
      <td className={`${table.right} ${table.wide}`}>{load ? load.running : <Skeleton width={16} />}</td>
      <td className={`${table.right} ${table.wide} second`}>
        {memory ? text.ofWhole(bytes(memory.promised), bytes(memory.whole)) : null}
      </td>
      <td className={`${table.wide} numbers second`}>
        {disk ? (
          <span className={styles.small} title={usedOf(disk)}>
            <Gauge
              label={text.diskUse.title}
              percent={percent}
              said={usedOf(disk)}
              short={percent >= SHORT}
            />
            <span>{text.percent(Math.round(percent))}</span>
          </span>
        ) : (
          <span className="third">{text.diskUse.unknown}</span>
        )}
      </td>
      <td className={`cut ${table.wide} third`}>{worker.roles.join(", ")}</td>
      <td className={`${table.right} third`}>
        {worker.connected ? text.connected : <Age at={worker.last_seen_at} />}
      </td>
    </tr>
  );
}

function Rows({ workers, loads }: { workers: Worker[]; loads: WorkerLoad[] | undefined }) {
  const heads = text.columns;
  return (
    <table className={table.table}>
      <colgroup>
        <col />
        <col className={table.status} />
        <col className={`${table.wide} ${styles.isolation}`} />
        <col className={`${table.wide} ${styles.instances}`} />
        <col className={`${table.wide} ${styles.memory}`} />
        <col className={`${table.wide} ${styles.disk}`} />
        <col className={`${table.wide} ${styles.roles}`} />
        <col className={table.age} />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">{heads.name}</th>
          <th scope="col">{heads.status}</th>
          <th scope="col" className={table.wide}>
            {heads.isolation}
          </th>
          <th scope="col" className={`${table.right} ${table.wide}`}>
            {heads.instances}
          </th>
          <th scope="col" className={`${table.right} ${table.wide}`} title={text.memoryHelp}>
            {heads.memory}
          </th>
          <th scope="col" className={table.wide}>
            {heads.disk}
          </th>
          <th scope="col" className={table.wide}>
            {heads.roles}
          </th>
          <th scope="col" className={table.right}>
            {heads.seen}
          </th>
        </tr>
      </thead>
      <tbody>
        {workers.map((worker) => (
          <Row key={worker.id} worker={worker} load={loadOf(loads, worker.id)} />
        ))}
      </tbody>
    </table>
  );
}

/** The hosts, a row each; a row leads to the worker's own page. */
export function WorkersPage() {
  const { data, error, refetch } = useQuery(workersQuery);
  const loads = useQuery(workerLoadsQuery);
  return (
    <Page title={text.title} full>
      {data ? null : error ? (
        <Problem error={error} title={words.errors.title} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={5} />
      )}
      {data?.items.length === 0 ? (
        <Empty>
          {text.empty} {text.emptyHow} <code>wh-cp worker-token NAME --address MESH_ADDRESS</code>
        </Empty>
      ) : null}
      {data && data.items.length > 0 ? <Rows workers={data.items} loads={loads.data?.items} /> : null}
    </Page>
  );
}
