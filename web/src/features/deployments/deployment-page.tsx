import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Missing } from "@/app/errors";
import { Age } from "@/components/ui/age";
import { Button, buttonClass } from "@/components/ui/button";
import { Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { LogView } from "@/features/logs/log-view";
import { useLogAddress } from "@/features/logs/use-log-address";
import { BaseProgress } from "@/features/platform/base-progress";
import { whyNoRestart } from "@/features/projects/blocked";
import { Commit } from "@/features/projects/commit";
import { production } from "@/features/projects/status-of";
import { ApiProblem } from "@/lib/problem";
import { deploymentQuery, projectQuery } from "@/lib/queries";
import type { Deployment } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { deploymentWords } from "@/lib/words-deployments";
import { logWords } from "@/lib/words-logs";
import { changeWords } from "@/lib/words-running";
import { BuildPanel } from "./build-panel";
import { ChangesPanel } from "./changes-panel";
import { useCancel, useRestart } from "./changing";
import styles from "./deployment-page.module.css";
import { Outcome } from "./outcome";
import { PhaseBar } from "./phase-bar";
import { ACTIVE } from "./phases";
import { useBuild } from "./use-build";

function Waiting({ deployment }: { deployment: Deployment }) {
  if (!ACTIVE.has(deployment.status) || !deployment.waiting_for) return null;
  return (
    <>
      <BaseProgress />
      <p className="meta" role="status">
        {deployment.waiting_for}
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
            <span className="third numbers">{words.frame.deployment(deployment.number)}</span>
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

function Opened({ deployment }: { deployment: Deployment }) {
  const build = useBuild(deployment);
  const view = useLogAddress();
  const log = useRef<HTMLDivElement>(null);
  const [{ step: chosen }, change] = view;
  const choose = (step: number | null) => {
    change({ step });
    if (step !== null) log.current?.scrollIntoView({ block: "nearest" });
  };
  return (
    <div className={styles.page}>
      <Head deployment={deployment} />
      <Waiting deployment={deployment} />
      <PhaseBar deployment={deployment} />
      <Outcome deployment={deployment} opened={{ build, chosen, choose }} />
      <BuildPanel build={build} chosen={chosen} onChoose={choose} />
      <div className={styles.beside}>
        <div className={styles.log} ref={log}>
          <LogView
            url={`/api/v1/deployments/${deployment.id}/log`}
            name={`${deployment.project_name}-${deployment.number}.log`}
            waiting={logWords.waiting}
            view={view}
          />
        </div>
        <ChangesPanel deploymentId={deployment.id} />
      </div>
    </div>
  );
}

export function DeploymentPage() {
  const { deploymentId } = useParams({ from: "/deployments/$deploymentId" });
  const { data, error, refetch } = useQuery(deploymentQuery(deploymentId));
  const title = data ? `${data.project_name} ${words.frame.deployment(data.number)}` : "";
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
  return <Opened key={data.id} deployment={data} />;
}
