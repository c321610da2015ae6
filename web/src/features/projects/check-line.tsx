import type { ReactNode } from "react";
import { useSession } from "@/app/session-gate";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Notice, Problem } from "@/components/ui/notice";
import { useWhyNot } from "@/features/teams/use-role";
import { shortHash, withoutSecret } from "@/lib/repository";
import type { Project } from "@/lib/types";
import { projectWords } from "@/lib/words-projects";
import { deletionWords } from "@/lib/words-running";
import { useCheck } from "./actions";
import { Commit } from "./commit";
import styles from "./projects.module.css";

const text = projectWords.check;

/** How the repository is watched, what was last seen in it, and *Check now* with its answer. */
export function CheckLine({ project, refreshIcon }: { project: Project; refreshIcon: ReactNode }) {
  const { platform } = useSession();
  const check = useCheck(project.id);
  const why = useWhyNot(project);
  const seen = project.last_seen;
  const answer = check.data;
  const error = answer?.error ?? (check.isIdle ? seen?.error : null);
  return (
    <>
      <div className={styles.check}>
        <div className={styles.state}>
          <span className="cut third" title={withoutSecret(project.source.url)}>
            {withoutSecret(project.source.url)} · <code>{project.source.branch}</code>
          </span>
          <span className="third numbers">
            {project.deleted_at ? deletionWords.noCheck : text.every(`${platform.poll_seconds} s`)}
            {seen ? (
              <>
                {" · "}
                {text.last} <Age at={seen.at} />
              </>
            ) : (
              ` · ${text.never}`
            )}
          </span>
        </div>
        <Button small why={why} busy={check.isPending} onClick={() => check.mutate()}>
          {refreshIcon}
          {check.isPending ? projectWords.header.checking : projectWords.header.check}
        </Button>
      </div>
      {error ? <Notice tone="warn">{error}</Notice> : null}
      <Problem error={check.error} />
      {answer && !answer.error ? (
        <Notice tone={answer.changed ? "good" : "info"}>
          {answer.changed ? text.found(shortHash(answer.commit)) : text.nothing(shortHash(answer.commit))}{" "}
          {answer.changed ? <Commit subject={answer.subject} commit={answer.commit} /> : null}
        </Notice>
      ) : null}
    </>
  );
}
