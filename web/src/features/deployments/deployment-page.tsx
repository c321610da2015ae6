import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { Missing } from "@/app/errors";
import { Age } from "@/components/ui/age";
import { Button, buttonClass } from "@/components/ui/button";
import { Notice, Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { BaseProgress } from "@/features/platform/base-progress";
import { useDeploy } from "@/features/projects/actions";
import { Commit } from "@/features/projects/commit";
import { api, ask } from "@/lib/client";
import { patchDeployment } from "@/lib/patch";
import { ApiProblem } from "@/lib/problem";
import { deploymentQuery } from "@/lib/queries";
import type { Deployment } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { deploymentWords, logWords } from "@/lib/words-deployments";
import styles from "./deployment-page.module.css";
import { LogView } from "./log-view";
import { PhaseBar } from "./phase-bar";
import { ACTIVE } from "./phases";

function useCancel(deploymentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/v1/deployments/{deployment_id}/cancel", {
          params: { path: { deployment_id: deploymentId } },
        }),
      ),
    onSuccess: (deployment) => {
      if (deployment) patchDeployment(client, deployment);
    },
  });
}

/** Why it ended, as a sentence; what to do next, as a sentence and the button that does it. */
function Outcome({ deployment }: { deployment: Deployment }) {
  const deploy = useDeploy();
  const { status } = deployment;
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
          <Button small busy={deploy.isPending} onClick={() => deploy.mutate(deployment.project_id)}>
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
  const cancel = useCancel(deployment.id);
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
            <Button look="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
              {cancel.isPending ? deploymentWords.cancelling : deploymentWords.cancel}
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
      <Problem error={cancel.error} />
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
