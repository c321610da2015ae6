import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Problem } from "@/components/ui/notice";
import { Section, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import table from "@/components/ui/table.module.css";
import { Commit } from "@/features/projects/commit";
import { recentDeploymentsPage, recentDeploymentsQuery } from "@/lib/queries";
import type { Deployment } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { deploymentWords } from "@/lib/words-deployments";
import { overviewWords } from "@/lib/words-platform";
import styles from "./overview.module.css";

const text = overviewWords.columns;

function useOlder() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: recentDeploymentsPage,
    onSuccess: (older) =>
      client.setQueryData(recentDeploymentsQuery.queryKey, (page) => {
        if (!page) return page;
        const known = new Set(page.items.map((each) => each.id));
        return { ...older, items: [...page.items, ...older.items.filter((each) => !known.has(each.id))] };
      }),
  });
}

function Row({ deployment }: { deployment: Deployment }) {
  const { project_name: name, number } = deployment;
  return (
    <tr className={table.link}>
      <td className="cut" title={name}>
        <Link
          to="/deployments/$deploymentId"
          params={{ deploymentId: deployment.id }}
          className={table.whole}
        >
          {name} <span className={`numbers ${styles.number}`}>{words.frame.deployment(number)}</span>
        </Link>
      </td>
      <td title={deployment.detail ?? undefined}>
        <Status status={deployment.status} />
      </td>
      <td className={`cut second ${table.wide}`}>{wordFor(words.causes, deployment.cause)}</td>
      <td className={`cut ${table.wide}`}>
        <Commit {...deployment} />
      </td>
      <td className={`${table.right} third`}>
        <Age at={deployment.created_at} />
      </td>
    </tr>
  );
}

/** What changed lately, over all projects, newest first. */
export function Recent() {
  const { data, error, refetch } = useQuery(recentDeploymentsQuery);
  const older = useOlder();
  const cursor = data?.next_cursor;
  return (
    <Section title={overviewWords.recent}>
      {data ? null : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={6} />
      )}
      {data?.items.length === 0 ? <p className="third">{overviewWords.noRecent}</p> : null}
      {data && data.items.length > 0 ? (
        <table className={table.table}>
          <Columns
            of={[
              { id: "project", head: text.project, width: table.name },
              { id: "status", head: text.status, width: table.status },
              { id: "cause", head: text.cause, width: styles.cause, wide: true },
              { id: "commit", head: text.commit, wide: true },
              { id: "started", head: text.started, width: table.age, right: true },
            ]}
          />
          <tbody>
            {data.items.map((deployment) => (
              <Row key={deployment.id} deployment={deployment} />
            ))}
          </tbody>
        </table>
      ) : null}
      <Problem error={older.error} />
      {cursor ? (
        <div>
          <Button busy={older.isPending} onClick={() => older.mutate(cursor)}>
            {deploymentWords.older}
          </Button>
        </div>
      ) : null}
    </Section>
  );
}
