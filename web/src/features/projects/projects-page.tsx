import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowDown, Search } from "lucide-react";
import { lazy, Suspense, useDeferredValue, useMemo } from "react";
import { useSession } from "@/app/session-gate";
import { Age } from "@/components/ui/age";
import { buttonClass } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import { Rows } from "@/components/ui/rows";
import { Status } from "@/components/ui/status";
import table from "@/components/ui/table.module.css";
import { projectsQuery } from "@/lib/queries";
import type { Project } from "@/lib/types";
import { words } from "@/lib/words";
import { projectWords } from "@/lib/words-projects";
import { deletionWords } from "@/lib/words-running";
import { AppUrl } from "./app-url";
import { Commit } from "./commit";
import { changedAt, type Listing, listed, type Sort } from "./listing";
import styles from "./projects.module.css";
import { alive, newest, production, restorable, statusOf } from "./status-of";

const DeletedProjects = lazy(() =>
  import("./deleted-projects").then((module) => ({ default: module.DeletedProjects })),
);
const FirstRun = lazy(() => import("./first-run").then((module) => ({ default: module.FirstRun })));
const text = projectWords.columns;
type TeamOf = (project: Project) => string | undefined;

/** The name of a project's team; nothing to say for whoever has one team. */
function useTeamOf(): TeamOf | undefined {
  const { teams } = useSession();
  return useMemo(() => {
    if (teams.length < 2) return undefined;
    const names = new Map(teams.map(({ id, name }) => [id, name]));
    return ({ team_id }: Project) => names.get(team_id);
  }, [teams]);
}

/** Fewer are found by eye. */
const MANY = 8;

function Row({ project, index, team }: { project: Project; index: number; team: string | null | undefined }) {
  const latest = newest(project);
  const environment = production(project);
  return (
    <tr className={table.link} aria-rowindex={index}>
      <td className="cut">
        <a href={`/projects/${project.id}`} className={table.whole} title={project.name}>
          {project.name}
        </a>
      </td>
      <td>
        <Status status={statusOf(project)} />
      </td>
      {team === null ? null : (
        <td className={`cut second ${table.wide}`} title={team}>
          {team}
        </td>
      )}
      <td className={`cut ${table.wide}`}>
        {environment ? <AppUrl environment={environment} className={table.above} /> : null}
      </td>
      <td className={`cut ${table.wide}`}>
        <Commit commit={latest?.commit} subject={latest?.subject} />
      </td>
      <td className={`${table.right} third`}>
        <Age at={changedAt(project)} />
      </td>
    </tr>
  );
}

function Head({ by, listing, children }: { by: Sort; listing: Listing; children: string }) {
  const chosen = listing.sort === by;
  return (
    <Link
      to="/projects"
      search={{ ...listing, sort: chosen ? undefined : by }}
      replace
      data-replace
      className={styles.sort}
      data-chosen={chosen}
      title={chosen ? projectWords.list.newestFirst : projectWords.list.sortBy(children)}
    >
      {children}
      <ArrowDown aria-hidden />
    </Link>
  );
}

type ListProps = { projects: Project[]; listing: Listing; teamOf: TeamOf | undefined };

function List({ projects, listing, teamOf }: ListProps) {
  const said = (by: Sort) => (listing.sort === by ? (by === "age" ? "descending" : "ascending") : undefined);
  const columns = [
    {
      id: "name",
      head: (
        <Head by="name" listing={listing}>
          {text.name}
        </Head>
      ),
      width: table.name,
      sort: said("name"),
    },
    {
      id: "status",
      head: (
        <Head by="status" listing={listing}>
          {text.status}
        </Head>
      ),
      width: table.status,
      sort: said("status"),
    },
    ...(teamOf ? [{ id: "team", head: text.team, width: table.team, wide: true }] : []),
    { id: "url", head: text.url, wide: true },
    { id: "commit", head: text.commit, wide: true },
    {
      id: "age",
      head: (
        <Head by="age" listing={listing}>
          {text.age}
        </Head>
      ),
      width: table.age,
      right: true,
      sort: said("age"),
    },
  ] as const;
  return (
    <table className={table.table} aria-rowcount={projects.length + 1}>
      <Columns of={[...columns]} />
      <Rows
        items={projects}
        row={(project, index) => (
          <Row key={project.id} project={project} index={index} team={teamOf ? teamOf(project) : null} />
        )}
      />
    </table>
  );
}

type FilterProps = { listing: Listing; count: number; of: number; teams: boolean };

function Filter({ listing, count, of, teams }: FilterProps) {
  const navigate = useNavigate();
  const words = projectWords.list;
  const label = teams ? words.filterTeams : words.filter;
  return (
    <search className={styles.filter}>
      <Search aria-hidden />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        value={listing.filter ?? ""}
        onChange={({ target }) =>
          void navigate({
            to: "/projects",
            search: { ...listing, filter: target.value || undefined },
            replace: true,
          })
        }
      />
      <span className="meta numbers" role="status">
        {listing.filter ? words.found(count, of) : words.count(of)}
      </span>
    </search>
  );
}

export function ProjectsPage() {
  const { data, error, refetch } = useQuery(projectsQuery);
  const listing = useSearch({ from: "/projects" });
  const asked = useDeferredValue(listing);
  const all = useMemo(() => alive(data?.items), [data]);
  const teamOf = useTeamOf();
  const shown = useMemo(() => listed(all, asked, teamOf), [all, asked, teamOf]);
  const deleted = restorable(data?.items);
  if (data && all.length + deleted.length === 0) {
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
        <a href="/projects/new" className={buttonClass({ look: "primary" })}>
          {words.frame.newProject}
        </a>
      }
    >
      {data ? null : <Problem error={error} title={words.errors.title} retry={() => void refetch()} />}
      {data && all.length === 0 ? <p className="third">{deletionWords.onlyDeleted}</p> : null}
      {all.length > MANY || listing.filter ? (
        <Filter listing={listing} count={shown.length} of={all.length} teams={Boolean(teamOf)} />
      ) : null}
      {data && all.length > 0 ? (
        shown.length > 0 ? (
          <List projects={shown} listing={listing} teamOf={teamOf} />
        ) : (
          <p className="third">{projectWords.list.none(asked.filter ?? "")}</p>
        )
      ) : data || error ? null : (
        <SkeletonRows rows={5} />
      )}
      <Suspense>
        {deleted.length > 0 ? <DeletedProjects projects={deleted} open={all.length === 0} /> : null}
      </Suspense>
    </Page>
  );
}
