import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Problem } from "@/components/ui/notice";
import { Section, Skeleton } from "@/components/ui/page";
import { StatusMark } from "@/components/ui/status";
import { instancesQuery } from "@/lib/queries";
import type { Environment } from "@/lib/types";
import { processWords } from "@/lib/words-running";
import { type Summary, summaryOf } from "./instances";
import styles from "./processes.module.css";
import { Broken, LastEnd } from "./trouble";

const text = processWords;

function signOf({ ready, wanted, wrong }: Summary): string {
  if (ready >= wanted) return "ready";
  if (wrong.length > 0) return ready === 0 ? "exited" : "unready";
  return "starting";
}

/** `2 of 3 ready · 1 starting · 1 draining`, with the sign that fits. */
export function SummaryLine({ summary, live }: { summary: Summary; live: boolean }) {
  const { ready, wanted, starting, draining, wrong } = summary;
  if (!live && starting + ready + wrong.length === 0) return <p className="third">{text.nothingLive}</p>;
  return (
    <p className={styles.summary} role="status">
      <StatusMark status={signOf(summary)} />
      <strong className="numbers">{text.ready(ready, wanted)}</strong>
      {wrong.length > 0 ? <span className={styles.wrong}>{text.wrong(wrong.length)}</span> : null}
      {starting > 0 ? <span className="third">{text.starting(starting)}</span> : null}
      {draining > 0 ? <span className="third">{text.draining(draining)}</span> : null}
    </p>
  );
}

/** For the overview: how many are ready, what is wrong, and where to see them all. */
export function ProcessesSummary({
  projectId,
  environment,
}: {
  projectId: string;
  environment: Environment;
}) {
  const { data, error, refetch } = useQuery(instancesQuery(environment.id));
  const summary = data && summaryOf(environment, data.items);
  const ended =
    data?.items.filter((each) => each.last_end && !each.leaving && each.wanted === "running") ?? [];
  return (
    <Section
      title={text.title}
      action={
        <Link to="/projects/$projectId/processes" params={{ projectId }} className="meta">
          {text.all}
        </Link>
      }
    >
      {summary ? (
        <SummaryLine summary={summary} live={environment.live !== null} />
      ) : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <Skeleton width={160} height={20} />
      )}
      {summary?.wrong.map((instance) => (
        <Broken key={instance.id} projectId={projectId} instance={instance} alone={summary.ready === 0} />
      ))}
      {ended.map((instance) => (
        <LastEnd key={instance.id} instance={instance} />
      ))}
    </Section>
  );
}

/** Beside the project's status: that an instance of what is live is not well. Nothing while all are. */
export function NotWell({ projectId, environment }: { projectId: string; environment: Environment }) {
  const { data } = useQuery(instancesQuery(environment.id));
  const summary = data && summaryOf(environment, data.items);
  if (!summary || summary.wrong.length === 0) return null;
  return (
    <Link to="/projects/$projectId/processes" params={{ projectId }} className={styles.wrong}>
      {text.ready(summary.ready, summary.wanted)}
    </Link>
  );
}
