import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Empty, Problem } from "@/components/ui/notice";
import { Section, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import table from "@/components/ui/table.module.css";
import { useDeploy } from "@/features/projects/actions";
import { Commit } from "@/features/projects/commit";
import { production } from "@/features/projects/status-of";
import { useWhyNot } from "@/features/teams/use-role";
import { useNow } from "@/lib/clock";
import { deploymentsPage, deploymentsQuery, projectQuery } from "@/lib/queries";
import { duration } from "@/lib/time";
import type { Deployment, Project } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { deploymentWords } from "@/lib/words-deployments";
import { projectWords } from "@/lib/words-projects";
import { ACTIVE, took } from "./phases";
import { Releases } from "./releases";

const text = { title: deploymentWords.list, ...deploymentWords.columns };

function Took({ deployment }: { deployment: Deployment }) {
  const now = useNow(ACTIVE.has(deployment.status) ? 500 : 3_600_000);
  return duration(took(deployment, now));
}

function Row({ deployment }: { deployment: Deployment }) {
  return (
    <tr className={table.link}>
      <td className="numbers">
        <Link
          to="/deployments/$deploymentId"
          params={{ deploymentId: deployment.id }}
          className={table.whole}
        >
          {words.frame.deployment(deployment.number)}
        </Link>
      </td>
      <td title={deployment.detail ?? undefined}>
        <Status status={deployment.status} />
      </td>
      <td className="cut">
        <Commit {...deployment} />
      </td>
      <td className={`cut second ${table.wide}`}>{wordFor(words.causes, deployment.cause)}</td>
      <td className={`${table.right} ${table.wide} second`}>
        <Took deployment={deployment} />
      </td>
      <td className={`${table.right} ${table.wide} third`}>
        <Age at={deployment.created_at} />
      </td>
    </tr>
  );
}

/** Fetches the next page and puts it under what is there. */
function useOlder(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (cursor: string) => deploymentsPage(projectId, cursor),
    onSuccess: (older) =>
      client.setQueryData(deploymentsQuery(projectId).queryKey, (page) => {
        if (!page) return page;
        const known = new Set(page.items.map((each) => each.id));
        return { ...older, items: [...page.items, ...older.items.filter((each) => !known.has(each.id))] };
      }),
  });
}

/** Every attempt, newest first. */
function Attempts({ project }: { project: Project }) {
  const projectId = project.id;
  const { data, error, refetch } = useQuery(deploymentsQuery(projectId));
  const older = useOlder(projectId);
  const deploy = useDeploy();
  const why = useWhyNot(project);
  if (!data)
    return error ? <Problem error={error} retry={() => void refetch()} /> : <SkeletonRows rows={6} />;
  if (data.items.length === 0) {
    const button = (
      <Button why={why} busy={deploy.isPending} onClick={() => deploy.mutate({ projectId })}>
        {projectWords.header.deploy}
      </Button>
    );
    return <Empty action={button}>{deploymentWords.empty}</Empty>;
  }
  const cursor = data.next_cursor;
  return (
    <Section title={text.title}>
      <table className={table.table}>
        <Columns
          of={[
            { id: "number", head: text.number, width: table.number },
            { id: "status", head: text.status, width: table.status },
            { id: "commit", head: text.commit },
            { id: "cause", head: text.cause, width: table.process, wide: true },
            { id: "took", head: text.took, width: table.age, right: true, wide: true },
            { id: "age", head: text.age, width: table.age, right: true, wide: true },
          ]}
        />
        <tbody>
          {data.items.map((deployment) => (
            <Row key={deployment.id} deployment={deployment} />
          ))}
        </tbody>
      </table>
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

/** What can be live again, then every attempt. */
export function DeploymentsTab() {
  const { projectId } = useParams({ from: "/projects/$projectId/deployments" });
  const { data: project } = useQuery(projectQuery(projectId));
  const environment = project && production(project);
  if (!project) return null;
  return (
    <>
      {environment?.latest ? <Releases project={project} environmentId={environment.id} /> : null}
      <Attempts project={project} />
    </>
  );
}
