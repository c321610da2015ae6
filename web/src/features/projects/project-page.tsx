import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { Missing } from "@/app/errors";
import { Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import { ApiProblem } from "@/lib/problem";
import { projectQuery } from "@/lib/queries";
import { words } from "@/lib/words";
import { DeletedNotice } from "./deletion";
import { ProjectHeader } from "./project-header";
import { ProjectTabs } from "./project-tabs";

export function ProjectPage() {
  const { projectId } = useParams({ from: "/projects/$projectId" });
  const { data, error, refetch } = useQuery(projectQuery(projectId));
  if (!data && error instanceof ApiProblem && (error.status === 404 || error.status === 422))
    return <Missing />;
  return (
    <Page title={data?.name ?? words.frame.projects} hideTitle>
      {data ? (
        <>
          <ProjectHeader project={data} />
          {data.deleted_at ? <DeletedNotice project={data} /> : null}
          <ProjectTabs projectId={projectId} />
          <Outlet />
        </>
      ) : error ? (
        <Problem error={error} title={words.errors.title} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={5} />
      )}
    </Page>
  );
}
