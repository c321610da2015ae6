import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Age } from "@/components/ui/age";
import { Columns } from "@/components/ui/columns";
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
      <Columns
        of={[
          { id: "name", head: heads.name },
          { id: "status", head: heads.status, width: table.status },
          { id: "isolation", head: heads.isolation, width: styles.isolation, wide: true },
          { id: "instances", head: heads.instances, width: styles.instances, right: true, wide: true },
          {
            id: "memory",
            head: heads.memory,
            title: text.memoryHelp,
            width: styles.memory,
            right: true,
            wide: true,
          },
          { id: "disk", head: heads.disk, width: styles.disk, wide: true },
          { id: "roles", head: heads.roles, width: styles.roles, wide: true },
          { id: "seen", head: heads.seen, width: table.age, right: true },
        ]}
      />
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
