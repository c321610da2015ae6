import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ArrowDown } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice, Problem } from "@/components/ui/notice";
import { useDeploy } from "@/features/projects/actions";
import { activeOf } from "@/features/projects/blocked";
import { production } from "@/features/projects/status-of";
import { useWhyNot } from "@/features/teams/use-role";
import { projectQuery, releasesQuery } from "@/lib/queries";
import type { Deployment } from "@/lib/types";
import { wordFor } from "@/lib/words";
import { buildWords } from "@/lib/words-builds";
import { deploymentWords } from "@/lib/words-deployments";
import { releaseWords } from "@/lib/words-running";
import { BuildFailure } from "./build-failure";
import { explains } from "./build-steps";
import { canRollBack, kindOf } from "./kinds";
import { RollbackDialog } from "./rollback-dialog";
import type { OpenBuild } from "./use-build";

/** What was live once: the button that makes it live again, as far as its release is among the newest. */
function Replaced({ deployment }: { deployment: Deployment }) {
  const { data } = useInfiniteQuery(releasesQuery(deployment.environment_id));
  const { data: project } = useQuery(projectQuery(deployment.project_id));
  const [asking, setAsking] = useState(false);
  const why = useWhyNot(project);
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
          <Button small why={why} onClick={() => setAsking(true)}>
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
export function Outcome({ deployment, opened }: { deployment: Deployment; opened: OpenBuild }) {
  const deploy = useDeploy();
  const { data: project } = useQuery(projectQuery(deployment.project_id));
  const why = useWhyNot(project);
  const { status } = deployment;
  if (status === "replaced") return <Replaced deployment={deployment} />;
  if (status === "live") return <Notice tone="good">{deploymentWords.nowLive}</Notice>;
  if (status !== "failed" && status !== "cancelled") return null;
  const title =
    deployment.detail ?? (deployment.reason ? wordFor({}, deployment.reason) : deploymentWords.reasonUnknown);
  const again = (
    <Button
      small
      why={why}
      busy={deploy.isPending}
      onClick={() => deploy.mutate({ projectId: deployment.project_id })}
    >
      {deploymentWords.again}
    </Button>
  );
  const step = opened.build?.failed_step ?? null;
  return (
    <>
      {status === "failed" && explains(opened.build) ? (
        <BuildFailure
          deployment={deployment}
          build={opened.build}
          action={again}
          all={
            step === null ? null : (
              <Button small look="quiet" onClick={() => opened.choose(step)}>
                <ArrowDown aria-hidden />
                {buildWords.showFailed(step)}
              </Button>
            )
          }
        />
      ) : (
        <Notice tone={status === "failed" ? "bad" : "info"} title={title} action={again}>
          {deployment.next_step}
        </Notice>
      )}
      <Problem error={deploy.error} />
    </>
  );
}
