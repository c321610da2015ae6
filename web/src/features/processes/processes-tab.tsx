import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Age } from "@/components/ui/age";
import { Problem } from "@/components/ui/notice";
import { Section, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { production } from "@/features/projects/status-of";
import { deploymentsQuery, instancesQuery, projectQuery } from "@/lib/queries";
import type { Environment, Instance, Project } from "@/lib/types";
import { processWords } from "@/lib/words-running";
import { sinceOf, sorted, summaryOf, unwell, wordOf } from "./instances";
import styles from "./processes.module.css";
import { Scale } from "./scale";
import { SummaryLine } from "./summary";
import { Broken, LastEnd } from "./trouble";

const text = processWords;

type Numbers = Map<string, number>;

function Row({
  instance,
  numbers,
  children,
}: {
  instance: Instance;
  numbers: Numbers;
  children?: ReactNode;
}) {
  const number = numbers.get(instance.deployment_id);
  const since = sinceOf(instance);
  return (
    <li className={styles.row}>
      <span className={styles.status}>
        <Status status={wordOf(instance)} />
      </span>
      <span className={`cut numbers ${styles.where}`}>
        {instance.worker}
        {instance.port ? <span className="third"> · {text.port(instance.port)}</span> : null}
      </span>
      <span className={`third numbers ${styles.of}`}>
        {number ? (
          <Link to="/deployments/$deploymentId" params={{ deploymentId: instance.deployment_id }}>
            {text.deployment(number)}
          </Link>
        ) : null}
      </span>
      <span className={`numbers ${instance.restarts > 0 ? "" : "third"} ${styles.restarts}`}>
        {text.restarts(instance.restarts)}
      </span>
      <span className={`third ${styles.since}`}>
        {text[since.what]} <Age at={since.at} />
      </span>
      {children ? <div className={styles.whole}>{children}</div> : null}
    </li>
  );
}

function Kept({ items, numbers }: { items: Instance[]; numbers: Numbers }) {
  if (items.length === 0) return null;
  return (
    <details className={styles.kept}>
      <summary>
        <ChevronRight aria-hidden />
        <span>{text.kept(items.length)}</span>
      </summary>
      <p className="meta">{text.keptHelp}</p>
      <ul className={styles.list}>
        {items.map((instance) => (
          <Row key={instance.id} instance={instance} numbers={numbers} />
        ))}
      </ul>
    </details>
  );
}

function Web({
  project,
  environment,
  instances,
}: {
  project: Project;
  environment: Environment;
  instances: Instance[];
}) {
  const { data } = useQuery(deploymentsQuery(project.id));
  const numbers: Numbers = new Map(data?.items.map((each) => [each.id, each.number]));
  const { serving, leaving, kept } = sorted(instances);
  const summary = summaryOf(environment, instances);
  return (
    <>
      <div className={styles.top}>
        <SummaryLine summary={summary} live={environment.live !== null} />
        <Scale project={project} environment={environment} />
      </div>
      {serving.length + leaving.length === 0 ? <p className="third">{text.none}</p> : null}
      <ul className={styles.list} aria-label={text.web}>
        {[...serving, ...leaving].map((instance) => (
          <Row key={instance.id} instance={instance} numbers={numbers}>
            {unwell(instance) ? (
              <Broken projectId={project.id} instance={instance} alone={summary.ready === 0} />
            ) : instance.last_end ? (
              <LastEnd instance={instance} />
            ) : null}
          </Row>
        ))}
      </ul>
      <Kept items={kept} numbers={numbers} />
    </>
  );
}

/** The instances of `web`: how they are, how many there should be, and what went wrong. */
export function ProcessesTab() {
  const { projectId } = useParams({ from: "/projects/$projectId/processes" });
  const { data: project } = useQuery(projectQuery(projectId));
  const environment = project && production(project);
  const { data, error, refetch } = useQuery({
    ...instancesQuery(environment?.id ?? ""),
    enabled: environment !== undefined,
  });
  if (!project || !environment) return null;
  return (
    <Section title={<code>{text.web}</code>}>
      {data ? (
        <Web project={project} environment={environment} instances={data.items} />
      ) : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={3} />
      )}
    </Section>
  );
}
