import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Empty, Notice } from "@/components/ui/notice";
import { Facts, Section } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { BuildFailure } from "@/features/deployments/build-failure";
import { explains } from "@/features/deployments/build-steps";
import { PhaseBar } from "@/features/deployments/phase-bar";
import { ACTIVE, took } from "@/features/deployments/phases";
import { useBuild } from "@/features/deployments/use-build";
import { BaseProgress } from "@/features/platform/base-progress";
import { ProcessesSummary } from "@/features/processes/summary";
import { useWhyNot } from "@/features/teams/use-role";
import { projectQuery } from "@/lib/queries";
import { duration } from "@/lib/time";
import type { Deployment } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { buildWords } from "@/lib/words-builds";
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

function Failed({ deployment }: { deployment: Deployment }) {
  const build = useBuild(deployment);
  if (!explains(build))
    return (
      <Notice tone="bad" title={deployment.detail ?? deploymentWords.reasonUnknown}>
        {deployment.next_step}
      </Notice>
    );
  return (
    <BuildFailure
      deployment={deployment}
      build={build}
      all={
        <Link to="/deployments/$deploymentId" params={{ deploymentId: deployment.id }}>
          {buildWords.seeLog}
        </Link>
      }
    />
  );
}

/** The attempt that is under way or that did not make it, when it is not the live one. */
function Latest({ deployment }: { deployment: Deployment }) {
  return (
    <Section title={text.latest} action={<Status status={deployment.status} />}>
      <PhaseBar deployment={deployment} />
      {deployment.status === "failed" ? <Failed deployment={deployment} /> : null}
      <DeploymentFacts deployment={deployment} />
    </Section>
  );
}

export function OverviewTab() {
  const { projectId } = useParams({ from: "/projects/$projectId/" });
  const { data: project } = useQuery(projectQuery(projectId));
  const deploy = useDeploy();
  const why = useWhyNot(project);
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
      {environment.rebuild && !(other && ACTIVE.has(other.status)) ? (
        <Notice
          tone="info"
          title={text.rebuild}
          action={
            <Button why={why} busy={deploy.isPending} onClick={() => deploy.mutate({ projectId })}>
              {text.rebuildAction}
            </Button>
          }
        >
          {environment.rebuild}
        </Notice>
      ) : null}
      <div className={live && other ? styles.columns : undefined}>
        {live || !other ? (
          <Section title={text.live} action={live ? <Status status="live" /> : null}>
            {live ? (
              <DeploymentFacts deployment={live} />
            ) : (
              <Empty
                action={
                  <Button why={why} busy={deploy.isPending} onClick={() => deploy.mutate({ projectId })}>
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
      <ProcessesSummary projectId={projectId} environment={environment} />
    </>
  );
}
