import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Missing } from "@/app/errors";
import { Age } from "@/components/ui/age";
import { Button, buttonClass } from "@/components/ui/button";
import { Notice, Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { BaseProgress } from "@/features/platform/base-progress";
import { useDeploy } from "@/features/projects/actions";
import { activeOf, whyNoRestart, whyNot } from "@/features/projects/blocked";
import { Commit } from "@/features/projects/commit";
import { production } from "@/features/projects/status-of";
import { ApiProblem } from "@/lib/problem";
import { deploymentQuery, projectQuery, releasesQuery } from "@/lib/queries";
import type { Deployment } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { deploymentWords, logWords } from "@/lib/words-deployments";
import { changeWords, releaseWords } from "@/lib/words-running";
import { useCancel, useRestart } from "./changing";
import styles from "./deployment-page.module.css";
import { canRollBack, kindOf } from "./kinds";
import { LogView } from "./log-view";
import { PhaseBar } from "./phase-bar";
import { ACTIVE } from "./phases";
import { RollbackDialog } from "./rollback-dialog";

/** What was live once: the button that makes it live again, as far as its release is among the newest. */
function Replaced({ deployment }: { deployment: Deployment }) {
  const { data } = useInfiniteQuery(releasesQuery(deployment.environment_id));
  const { data: project } = useQuery(projectQuery(deployment.project_id));
  const [asking, setAsking] = useState(false);
  const release = data?.pages
    .flatMap((page) => page.items)
    .find((each) => each.number === deployment.release);
  const kind = release && kindOf(release);
  return (
    <Notice
      tone="info"
      title={releaseWords.replaced}
      action={
        release && kind && canRollBack(kind) ? (
          <Button small why={whyNot(project)} onClick={() => setAsking(true)}>
            {releaseWords.rollback(release.number)}
          </Button>
        ) : undefined
      }
    >
      {kind ? (kind === "live" ? releaseWords.releaseLive : releaseWords.kindHelp[kind]) : null}
      {deployment.closed_streams > 0 ? <p>{releaseWords.closedStreams(deployment.closed_streams)}</p> : null}
      {asking && release ? (
        <RollbackDialog
          environmentId={deployment.environment_id}
          release={release}
          active={activeOf(project && production(project))}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </Notice>
  );
}

/** Why it ended, as a sentence; what to do next, as a sentence and the button that does it. */
function Outcome({ deployment }: { deployment: Deployment }) {
  const deploy = useDeploy();
  const { data: project } = useQuery(projectQuery(deployment.project_id));
  const { status } = deployment;
  if (status === "replaced") return <Replaced deployment={deployment} />;
  if (status === "live") return <Notice tone="good">{deploymentWords.nowLive}</Notice>;
  if (status !== "failed" && status !== "cancelled") return null;
  const title =
    deployment.detail ?? (deployment.reason ? wordFor({}, deployment.reason) : deploymentWords.reasonUnknown);
  return (
    <>
      <Notice
        tone={status === "failed" ? "bad" : "info"}
        title={title}
        action={
          <Button
            small
            why={whyNot(project)}
            busy={deploy.isPending}
            onClick={() => deploy.mutate({ projectId: deployment.project_id })}
          >
            {deploymentWords.again}
          </Button>
        }
      >
        {deployment.next_step}
      </Notice>
      <Problem error={deploy.error} />
    </>
  );
}

function Waiting({ deployment }: { deployment: Deployment }) {
  if (!ACTIVE.has(deployment.status) || !deployment.waiting_for) return null;
  return (
    <>
      <BaseProgress />
      <p className="meta" role="status">
        {deploymentWords.waitingFor(deployment.waiting_for)}
      </p>
    </>
  );
}

function Head({ deployment }: { deployment: Deployment }) {
  const cancel = useCancel();
  const restart = useRestart();
  const { data: project } = useQuery(projectQuery(deployment.project_id));
  const active = ACTIVE.has(deployment.status);
  const openable = deployment.status === "live" && /^https?:\/\//.test(deployment.url);
  return (
    <>
      <header className={styles.head}>
        <div className={styles.title}>
          <h1 className="cut">
            <Link
              to="/projects/$projectId"
              params={{ projectId: deployment.project_id }}
              className={styles.project}
            >
              {deployment.project_name}
            </Link>{" "}
            <span className="third numbers">{deploymentWords.number(deployment.number)}</span>
          </h1>
        </div>
        <div className={styles.buttons}>
          {active ? (
            <Button look="danger" busy={cancel.isPending} onClick={() => cancel.mutate(deployment.id)}>
              {cancel.isPending ? deploymentWords.cancelling : deploymentWords.cancel}
            </Button>
          ) : null}
          {deployment.status === "live" && project ? (
            <Button
              why={whyNoRestart(project, production(project))}
              busy={restart.isPending}
              onClick={() => restart.mutate(deployment.environment_id)}
            >
              {restart.isPending ? changeWords.restarting : changeWords.restart}
            </Button>
          ) : null}
          {openable ? (
            <a
              className={buttonClass({ look: "primary" })}
              href={deployment.url}
              target="_blank"
              rel="noreferrer"
            >
              {deploymentWords.openApp}
            </a>
          ) : null}
        </div>
      </header>
      <div className={styles.state}>
        <Status status={deployment.status} />
        <Commit {...deployment} />
        <span className="third">
          {wordFor(words.causes, deployment.cause)} · <Age at={deployment.created_at} />
          {deployment.release ? ` · ${deploymentWords.release(deployment.release)}` : ""}
        </span>
      </div>
      <Problem error={cancel.error ?? restart.error} />
    </>
  );
}

export function DeploymentPage() {
  const { deploymentId } = useParams({ from: "/deployments/$deploymentId" });
  const { data, error, refetch } = useQuery(deploymentQuery(deploymentId));
  const title = data ? `${data.project_name} ${deploymentWords.number(data.number)}` : "";
  useEffect(() => {
    if (title) document.title = `${title} · ${words.app}`;
  }, [title]);
  if (!data) {
    if (error instanceof ApiProblem && (error.status === 404 || error.status === 422)) return <Missing />;
    return (
      <Page title={words.frame.projects} hideTitle full>
        {error ? (
          <Problem error={error} title={words.errors.title} retry={() => void refetch()} />
        ) : (
          <SkeletonRows rows={4} />
        )}
      </Page>
    );
  }
  const url = `/api/v1/deployments/${data.id}/log`;
  return (
    <div className={styles.page}>
      <Head deployment={data} />
      <Waiting deployment={data} />
      <PhaseBar deployment={data} />
      <Outcome deployment={data} />
      <div className={styles.log}>
        <LogView
          key={url}
          url={url}
          name={`${data.project_name}-${data.number}.log`}
          waiting={logWords.waiting}
        />
      </div>
    </div>
  );
}
