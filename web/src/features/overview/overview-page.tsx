import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useSession } from "@/app/session-gate";
import { buttonClass } from "@/components/ui/button";
import { Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import { alive, restorable } from "@/features/projects/status-of";
import { ClosedTeams } from "@/features/teams/closed-teams";
import { platformQuery, projectsQuery, teamInstancesQuery, workersQuery } from "@/lib/queries";
import { words } from "@/lib/words";
import { overviewWords } from "@/lib/words-platform";
import { projectWords } from "@/lib/words-projects";
import { Apps } from "./apps";
import { Attention } from "./attention";
import { figuresOf } from "./figures";
import { Recent } from "./recent";
import { troublesOf } from "./troubles";

const FirstRun = lazy(() =>
  import("@/features/projects/first-run").then((module) => ({ default: module.FirstRun })),
);

/** What runs, what is wrong first, what changed lately. */
export function OverviewPage() {
  const { user } = useSession();
  const projects = useQuery(projectsQuery);
  const instances = useQuery(teamInstancesQuery);
  const platform = useQuery(platformQuery);
  const workers = useQuery({ ...workersQuery, enabled: user.operator });
  const { data, error, refetch } = projects;
  const shown = alive(data?.items);
  if (data && shown.length + restorable(data.items).length === 0) {
    return (
      <Page title={projectWords.firstRun.title}>
        <ClosedTeams />
        <Suspense fallback={<SkeletonRows rows={6} />}>
          <FirstRun />
        </Suspense>
      </Page>
    );
  }
  const figures = figuresOf(shown, instances.data?.items);
  const complete = Boolean(
    data && instances.data && platform.data && (workers.data || workers.error || !user.operator),
  );
  return (
    <Page
      title={overviewWords.title}
      action={
        <Link to="/projects/new" className={buttonClass({ look: "primary" })}>
          {words.frame.newProject}
        </Link>
      }
    >
      {data ? null : <Problem error={error} title={words.errors.title} retry={() => void refetch()} />}
      <ClosedTeams />
      {data || !error ? (
        <Attention
          troubles={troublesOf({
            projects: data?.items,
            instances: instances.data?.items,
            workers: workers.data?.items,
            platform: platform.data,
          })}
          figures={data && instances.data ? figures : null}
          workers={platform.data?.workers ?? null}
          complete={complete}
        />
      ) : null}
      <Problem error={instances.data ? null : instances.error} retry={() => void instances.refetch()} />
      {data ? <Apps apps={figures.apps} /> : error ? null : <SkeletonRows rows={4} />}
      <Recent />
    </Page>
  );
}
