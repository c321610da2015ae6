import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Problem } from "@/components/ui/notice";
import { Section, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import table from "@/components/ui/table.module.css";
import { sinceOf, unwell, wordOf } from "@/features/processes/instances";
import { workerInstancesQuery } from "@/lib/queries";
import type { Instance, WorkerLoad } from "@/lib/types";
import { wordFor } from "@/lib/words";
import { workerWords } from "@/lib/words-deployments";
import { processWords } from "@/lib/words-running";
import styles from "./workers.module.css";

const text = workerWords.instances;
const SHOWN = 50;

function Row({ instance }: { instance: Instance }) {
  const since = sinceOf(instance);
  return (
    <tr className={table.link}>
      <td className="cut">
        <Link
          to="/projects/$projectId/processes"
          params={{ projectId: instance.project_id }}
          className={table.whole}
          title={instance.project_name}
        >
          {instance.project_name}
        </Link>
      </td>
      <td className={`cut ${table.wide}`}>
        <code>{instance.process}</code>
      </td>
      <td>
        <Status status={wordOf(instance)} />
      </td>
      <td className={`cut ${table.wide} second`} title={instance.detail ?? undefined}>
        {unwell(instance) && instance.reason ? wordFor(processWords.reasons, instance.reason) : null}
      </td>
      <td className={`${table.right} ${table.wide} ${instance.restarts > 0 ? "" : "third"}`}>
        {instance.restarts}
      </td>
      <td className={`${table.right} third`}>
        <Age at={since.at} />
      </td>
    </tr>
  );
}

/** Those that are not well, then those that run, then those kept; by project. */
function ordered(instances: Instance[]): Instance[] {
  const rank = (each: Instance) => (unwell(each) ? 0 : each.wanted === "stopped" ? 2 : 1);
  return [...instances].sort(
    (one, other) => rank(one) - rank(other) || one.project_name.localeCompare(other.project_name),
  );
}

/** The instances of the team on a worker, and how many others it holds. */
export function WorkerInstances({ workerId, load }: { workerId: string; load: WorkerLoad | undefined }) {
  const { data, error, refetch } = useQuery(workerInstancesQuery(workerId));
  const [all, setAll] = useState(false);
  const items = data ? ordered(data.items) : [];
  const others = data && load ? load.running + load.kept - items.length : 0;
  const heads = text.columns;
  return (
    <Section title={text.title}>
      {data ? null : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={4} />
      )}
      {data && items.length === 0 ? <p className="third">{text.none}</p> : null}
      {items.length > 0 ? (
        <table className={table.table}>
          <Columns
            of={[
              { id: "project", head: heads.project, width: table.name },
              { id: "process", head: heads.process, width: styles.process, wide: true },
              { id: "status", head: heads.status, width: table.status },
              { id: "reason", head: heads.reason, wide: true },
              { id: "restarts", head: heads.restarts, width: styles.restarts, right: true, wide: true },
              { id: "since", head: heads.since, width: table.age, right: true },
            ]}
          />
          <tbody>
            {(all ? items : items.slice(0, SHOWN)).map((instance) => (
              <Row key={instance.id} instance={instance} />
            ))}
          </tbody>
        </table>
      ) : null}
      {items.length > SHOWN && !all ? (
        <div>
          <Button small onClick={() => setAll(true)}>
            {text.all(items.length)}
          </Button>
        </div>
      ) : null}
      {others > 0 ? <p className="meta">{text.others(others)}</p> : null}
    </Section>
  );
}
