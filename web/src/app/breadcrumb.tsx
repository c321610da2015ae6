import { useQuery } from "@tanstack/react-query";
import { useLocation, useParams } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { alive } from "@/features/projects/status-of";
import { deploymentQuery, projectQuery, projectsQuery, teamQuery, workerQuery } from "@/lib/queries";
import { words } from "@/lib/words";
import styles from "./breadcrumb.module.css";
import { offerPalette } from "./palette-offer";

type CrumbProps = { projectId: string; last: boolean };

/** The project, and beside it the way to another. */
function ProjectCrumb({ projectId, last }: CrumbProps) {
  const { data } = useQuery(projectsQuery);
  const { data: one } = useQuery(projectQuery(projectId));
  const name = one?.name ?? data?.items.find((each) => each.id === projectId)?.name;
  if (!name) return null;
  return (
    <>
      <a
        href={`/projects/${projectId}`}
        className={`${styles.crumb} ${last ? styles.last : ""}`}
        title={name}
      >
        <span className="cut">{name}</span>
      </a>
      {alive(data?.items).length > 1 ? (
        <button
          type="button"
          className={styles.crumb}
          aria-label={words.frame.switchProject}
          onClick={() => offerPalette("projects")}
        >
          <ChevronsUpDown aria-hidden />
        </button>
      ) : null}
    </>
  );
}

/** Pages with nothing above them. */
const ALONE: Record<string, string> = {
  "/": words.frame.overview,
  "/teams": words.frame.teams,
  "/workers": words.frame.workers,
  "/platform": words.frame.platform,
  "/account": words.frame.account,
  "/gallery": words.frame.gallery,
  "/audit": words.frame.audit,
};

function useCrumbs(): [key: string, crumb: ReactNode][] {
  const { pathname } = useLocation();
  const { projectId, deploymentId, workerId, teamId } = useParams({ strict: false });
  const deployment = useQuery({
    ...deploymentQuery(deploymentId ?? ""),
    enabled: deploymentId !== undefined,
  });
  const worker = useQuery({ ...workerQuery(workerId ?? ""), enabled: workerId !== undefined });
  const team = useQuery({ ...teamQuery(teamId ?? ""), enabled: teamId !== undefined });
  const here = (text: string) => <span className={`${styles.crumb} ${styles.last} cut`}>{text}</span>;

  if (workerId) {
    const workers = (
      <a href="/workers" className={styles.crumb}>
        {words.frame.workers}
      </a>
    );
    return worker.data
      ? [
          ["workers", workers],
          ["worker", here(worker.data.name)],
        ]
      : [["workers", workers]];
  }
  if (teamId) {
    const teams = (
      <a href="/teams" className={styles.crumb}>
        {words.frame.teams}
      </a>
    );
    return team.data
      ? [
          ["teams", teams],
          ["team", here(team.data.name)],
        ]
      : [["teams", teams]];
  }
  if (pathname === "/account/tokens")
    return [
      [
        "account",
        <a key="account" href="/account" className={styles.crumb}>
          {words.frame.account}
        </a>,
      ],
      ["tokens", here(words.frame.tokens)],
    ];
  const only = ALONE[pathname];
  if (only) return [[pathname, here(only)]];
  const projects = (
    <a href="/projects" className={styles.crumb}>
      {words.frame.projects}
    </a>
  );
  if (pathname === "/projects/new")
    return [
      ["projects", projects],
      ["new", here(words.frame.newProject)],
    ];
  const project = projectId ?? deployment.data?.project_id;
  if (!project) return [["projects", here(words.frame.projects)]];
  const crumbs: [string, ReactNode][] = [
    ["projects", projects],
    ["project", <ProjectCrumb key="project" projectId={project} last={deploymentId === undefined} />],
  ];
  if (deployment.data) crumbs.push(["deployment", here(words.frame.deployment(deployment.data.number))]);
  return crumbs;
}

/** Where one is; beside the project's name the others are a few letters away. */
export function Breadcrumb() {
  const crumbs = useCrumbs();
  return (
    <nav className={styles.crumbs} aria-label={words.frame.breadcrumb}>
      <ol>
        {crumbs.map(([key, crumb]) => (
          <li key={key}>{crumb}</li>
        ))}
      </ol>
    </nav>
  );
}
