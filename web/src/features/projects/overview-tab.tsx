import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Empty, Notice, Problem } from "@/components/ui/notice";
import { Facts, Section, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import table from "@/components/ui/table.module.css";
import { PhaseBar } from "@/features/deployments/phase-bar";
import { ACTIVE, took } from "@/features/deployments/phases";
import { BaseProgress } from "@/features/platform/base-progress";
import { instancesQuery, projectQuery } from "@/lib/queries";
import { duration } from "@/lib/time";
import type { Deployment, Instance } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { deploymentWords } from "@/lib/words-deployments";
import { projectWords } from "@/lib/words-projects";
import { useDeploy } from "./actions";
import { Commit } from "./commit";
import styles from "./projects.module.css";
import { production } from "./status-of";

const text = projectWords.overview;

function DeploymentFacts({ deployment }: { deployment: Deployment }) {
  const end = deployment.finished_at ? Date.parse(deployment.finished_at) : Number.NaN;
  return (
    <Facts
      items={[
        [
          deploymentWords.columns.number,
          <Link key="number" to="/deployments/$deploymentId" params={{ deploymentId: deployment.id }}>
            {deploymentWords.title(deployment.number)}
          </Link>,
        ],
        [text.commit, deployment.commit ? <Commit key="commit" {...deployment} /> : null],
        [text.release, deployment.release],
        [text.cause, wordFor(words.causes, deployment.cause)],
        [text.took, Number.isNaN(end) ? null : duration(took(deployment, end))],
        [
          deployment.status === "live" ? text.since : text.ended,
          deployment.finished_at ? <Age key="age" at={deployment.finished_at} /> : null,
        ],
      ]}
    />
  );
}

function InstanceRow({ instance }: { instance: Instance }) {
  const more = [
    instance.detail,
    typeof instance.exit_code === "number" && instance.status === "exited"
      ? text.exitCode(instance.exit_code)
      : null,
  ].filter(Boolean);
  return (
    <tr>
      <td className="cut">{instance.process}</td>
      <td className="cut" title={more.join(", ")}>
        <Status status={instance.status} />
        {more.length > 0 ? <span className="meta"> {more.join(", ")}</span> : null}
      </td>
      <td className={`cut second ${table.wide}`}>
        {instance.worker}
        {instance.port ? <span className="third"> · {text.port(instance.port)}</span> : null}
      </td>
      <td className={table.right}>{instance.restarts}</td>
      <td className={`${table.right} third`}>
        <Age at={instance.updated_at} />
      </td>
    </tr>
  );
}

function Instances({ environmentId }: { environmentId: string }) {
  const { data, error, refetch } = useQuery(instancesQuery(environmentId));
  const items = data?.items ?? [];
  const ready = items.filter((each) => each.status === "ready").length;
  const columns = text.columns;
  return (
    <Section
      title={text.instances}
      action={
        items.length > 0 ? <span className="meta numbers">{text.healthy(ready, items.length)}</span> : null
      }
    >
      {data ? null : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={2} />
      )}
      {data && items.length === 0 ? <p className="third">{text.noInstances}</p> : null}
      {items.length > 0 ? (
        <table className={table.table}>
          <colgroup>
            <col className={table.process} />
            <col />
            <col className={table.wide} />
            <col className={table.number} />
            <col className={table.age} />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">{columns.process}</th>
              <th scope="col">{columns.status}</th>
              <th scope="col" className={table.wide}>
                {columns.worker}
              </th>
              <th scope="col" className={table.right}>
                {columns.restarts}
              </th>
              <th scope="col" className={table.right}>
                {columns.age}
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((instance) => (
              <InstanceRow key={instance.id} instance={instance} />
            ))}
          </tbody>
        </table>
      ) : null}
    </Section>
  );
}

/** The attempt that is under way or that did not make it, when it is not the live one. */
function Latest({ deployment }: { deployment: Deployment }) {
  return (
    <Section title={text.latest} action={<Status status={deployment.status} />}>
      <PhaseBar deployment={deployment} />
      {deployment.status === "failed" ? (
        <Notice tone="bad" title={deployment.detail ?? deploymentWords.reasonUnknown}>
          {deployment.next_step}
        </Notice>
      ) : null}
      <DeploymentFacts deployment={deployment} />
    </Section>
  );
}

export function OverviewTab() {
  const { projectId } = useParams({ from: "/projects/$projectId/" });
  const { data: project } = useQuery(projectQuery(projectId));
  const deploy = useDeploy();
  const environment = project && production(project);
  if (!environment) return null;
  const { live, latest } = environment;
  const other =
    latest && latest.id !== live?.id && (ACTIVE.has(latest.status) || latest.status === "failed" || !live)
      ? latest
      : null;
  return (
    <>
      {other && ACTIVE.has(other.status) ? <BaseProgress /> : null}
      <div className={live && other ? styles.columns : undefined}>
        {live || !other ? (
          <Section title={text.live} action={live ? <Status status="live" /> : null}>
            {live ? (
              <DeploymentFacts deployment={live} />
            ) : (
              <Empty
                action={
                  <Button busy={deploy.isPending} onClick={() => deploy.mutate({ projectId })}>
                    {text.nothingAction}
                  </Button>
                }
              >
                {text.nothing}
              </Empty>
            )}
          </Section>
        ) : null}
        {other ? <Latest deployment={other} /> : null}
      </div>
      <Instances environmentId={environment.id} />
    </>
  );
}
