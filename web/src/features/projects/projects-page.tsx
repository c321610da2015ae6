import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Age } from "@/components/ui/age";
import { buttonClass } from "@/components/ui/button";
import { Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import table from "@/components/ui/table.module.css";
import { projectsQuery } from "@/lib/queries";
import type { Project } from "@/lib/types";
import { words } from "@/lib/words";
import { projectWords } from "@/lib/words-projects";
import { deletionWords } from "@/lib/words-running";
import { AppUrl } from "./app-url";
import { Commit } from "./commit";
import { alive, newest, production, restorable, statusOf } from "./status-of";

const DeletedProjects = lazy(() =>
  import("./deleted-projects").then((module) => ({ default: module.DeletedProjects })),
);
const FirstRun = lazy(() => import("./first-run").then((module) => ({ default: module.FirstRun })));
const text = projectWords.columns;

function Row({ project }: { project: Project }) {
  const latest = newest(project);
  const environment = production(project);
  return (
    <tr className={table.link}>
      <td className="cut">
        <Link
          to="/projects/$projectId"
          params={{ projectId: project.id }}
          className={table.whole}
          title={project.name}
        >
          {project.name}
        </Link>
      </td>
      <td>
        <Status status={statusOf(project)} />
      </td>
      <td className={`cut ${table.wide}`}>
        {environment ? <AppUrl environment={environment} className={table.above} /> : null}
      </td>
      <td className={`cut ${table.wide}`}>
        <Commit commit={latest?.commit} subject={latest?.subject} />
      </td>
      <td className={`${table.right} third`}>
        <Age at={latest?.finished_at ?? latest?.created_at ?? project.created_at} />
      </td>
    </tr>
  );
}

export function ProjectsPage() {
  const { data, error, refetch } = useQuery(projectsQuery);
  const shown = alive(data?.items);
  const deleted = restorable(data?.items);
  if (data && shown.length + deleted.length === 0) {
    return (
      <Page title={projectWords.firstRun.title}>
        <Suspense fallback={<SkeletonRows rows={6} />}>
          <FirstRun />
        </Suspense>
      </Page>
    );
  }
  return (
    <Page
      title={projectWords.title}
      action={
        <Link to="/projects/new" className={buttonClass({ look: "primary" })}>
          {projectWords.create}
        </Link>
      }
    >
      {data ? null : <Problem error={error} title={words.errors.title} retry={() => void refetch()} />}
      {data && shown.length === 0 ? <p className="third">{deletionWords.onlyDeleted}</p> : null}
      {data && shown.length > 0 ? (
        <table className={table.table}>
          <colgroup>
            <col className={table.name} />
            <col className={table.status} />
            <col className={table.wide} />
            <col className={table.wide} />
            <col className={table.age} />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">{text.name}</th>
              <th scope="col">{text.status}</th>
              <th scope="col" className={table.wide}>
                {text.url}
              </th>
              <th scope="col" className={table.wide}>
                {text.commit}
              </th>
              <th scope="col" className={table.right}>
                {text.age}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((project) => (
              <Row key={project.id} project={project} />
            ))}
          </tbody>
        </table>
      ) : data || error ? null : (
        <SkeletonRows rows={5} />
      )}
      <Suspense>
        {deleted.length > 0 ? <DeletedProjects projects={deleted} open={shown.length === 0} /> : null}
      </Suspense>
    </Page>
  );
}
