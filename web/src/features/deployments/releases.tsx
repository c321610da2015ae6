import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleHelp, Image, ImageOff, Undo2, Zap } from "lucide-react";
import { useState } from "react";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Problem } from "@/components/ui/notice";
import { Section, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { useDeploy } from "@/features/projects/actions";
import { activeOf } from "@/features/projects/blocked";
import { Commit } from "@/features/projects/commit";
import { production } from "@/features/projects/status-of";
import { useWhyNot } from "@/features/teams/use-role";
import { releasesQuery } from "@/lib/queries";
import type { Project, Release } from "@/lib/types";
import { releaseWords } from "@/lib/words-running";
import { oneLine } from "./changes";
import { canRollBack, type Kind, kindOf, needsDeploy } from "./kinds";
import styles from "./releases.module.css";
import { RollbackDialog } from "./rollback-dialog";

const text = releaseWords;
const ICONS = { instant: Zap, image: Image, gone: ImageOff, unknown: CircleHelp };

function HowBack({ kind }: { kind: Kind }) {
  if (kind === "live") return <Status status="live" />;
  const Icon = ICONS[kind];
  return (
    <span className={`${styles.badge} ${styles[kind]}`} title={text.kindHelp[kind]}>
      <Icon aria-hidden />
      {kind === "instant" ? (
        text.kinds.instant
      ) : (
        <>
          <span className={styles.long}>{text.kindHelp[kind]}</span>
          <span className={styles.short}>{text.kinds[kind]}</span>
        </>
      )}
    </span>
  );
}

type RowProps = { release: Release; project: Project; onRollback: () => void };

function Row({ release, project, onRollback }: RowProps) {
  const deploy = useDeploy();
  const kind = kindOf(release);
  const why = useWhyNot(project);
  return (
    <li className={styles.row} aria-label={text.name(release.number)}>
      <span className={`numbers ${styles.number}`}>{release.number}</span>
      <span className={`cut ${styles.commit}`}>
        <Commit {...release} />
        <span className={`third ${styles.changes}`}>{oneLine(release.changes)}</span>
      </span>
      <span className={styles.kind}>
        <HowBack kind={kind} />
      </span>
      <span className={`third ${styles.age}`}>
        <Age at={release.created_at} />
      </span>
      <span className={styles.action}>
        {canRollBack(kind) ? (
          <Button small why={why} onClick={onRollback}>
            <Undo2 aria-hidden />
            {text.rollback(release.number)}
          </Button>
        ) : null}
        {needsDeploy(kind) ? (
          <Button
            small
            why={why}
            busy={deploy.isPending}
            onClick={() => deploy.mutate({ projectId: project.id, ref: release.commit })}
          >
            {text.deployCommit}
          </Button>
        ) : null}
      </span>
      {deploy.error ? (
        <div className={styles.whole}>
          <Problem error={deploy.error} />
        </div>
      ) : null}
    </li>
  );
}

/** What was live once, newest first, and how each of it can be live again. */
export function Releases({ project, environmentId }: { project: Project; environmentId: string }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    releasesQuery(environmentId),
  );
  const [chosen, setChosen] = useState<Release | null>(null);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title={text.title}>
      {data ? null : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={3} />
      )}
      {data && items.length === 0 ? <p className="third">{text.empty}</p> : null}
      {items.length > 0 ? (
        <>
          <p className="meta">{text.help}</p>
          <ul className={styles.list}>
            {items.map((release) => (
              <Row
                key={release.id}
                release={release}
                project={project}
                onRollback={() => setChosen(release)}
              />
            ))}
          </ul>
        </>
      ) : null}
      {hasNextPage ? (
        <div>
          <Button small look="quiet" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {text.older}
          </Button>
        </div>
      ) : null}
      {chosen ? (
        <RollbackDialog
          environmentId={environmentId}
          release={chosen}
          active={activeOf(production(project))}
          onClose={() => setChosen(null)}
        />
      ) : null}
    </Section>
  );
}
