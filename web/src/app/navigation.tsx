import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { Boxes, LayoutDashboard, Server, Users } from "lucide-react";
import { lazy, Suspense, useDeferredValue } from "react";
import { Mark } from "@/components/ui/calm";
import { StatusMark } from "@/components/ui/status";
import { alive, statusOf } from "@/features/projects/status-of";
import { whenIdle } from "@/lib/idle";
import { platformQuery, projectsQuery } from "@/lib/queries";
import { words } from "@/lib/words";
import styles from "./navigation.module.css";
import { useSession } from "./session-gate";
import { UserButton } from "./user-button";

/** Projects in the bar, newest first; the others are a step away. */
const MOST = 12;

const UserMenu = lazy(whenIdle(() => import("./user-menu")));

function PlatformHealth() {
  const { data } = useQuery(platformQuery);
  const session = useSession();
  const state = data?.state === "ready" ? "ready" : "preparing";
  const word = data?.state === "ready" ? words.frame.ready : words.frame.preparing;
  const line = data ? words.frame.workersReady(data.workers.ready, data.workers.total) : "";
  return (
    <Link to="/platform" className={`${styles.link} ${styles.tall}`} title={data?.detail || line}>
      <StatusMark status={data ? state : "pending"} />
      <span className={`${styles.health} ${styles.word}`}>
        <span className="cut">{word}</span>
        <span className="meta cut numbers">
          {line || words.app} · {session.platform.version}
        </span>
      </span>
    </Link>
  );
}

type ProjectLinkProps = { id: string; name: string; status: string; here: string };

function ProjectLink({ id, name, status, here }: ProjectLinkProps) {
  const href = `/projects/${id}`;
  return (
    <a
      href={href}
      className={styles.link}
      title={name}
      aria-current={here === href || here.startsWith(`${href}/`) ? "page" : undefined}
    >
      <span className="cut">{name}</span>
      <StatusMark status={status} label />
    </a>
  );
}

/** The left bar: the team, the places to go, the user and the platform's own health. */
export function Navigation({ collapsing }: { collapsing?: boolean }) {
  const { team, user } = useSession();
  const { data } = useQuery(projectsQuery);
  // The page itself comes first: these are ways to elsewhere.
  const most = useDeferredValue(MOST, 0);
  const projects = alive(data?.items);
  const { pathname: here } = useLocation();
  return (
    <nav
      className={`${styles.nav} ${collapsing ? styles.collapsing : ""}`}
      aria-label={words.frame.navigation}
    >
      <Link to="/teams" className={styles.team} title={words.frame.toTeams(team.name)}>
        <Mark className={styles.mark} />
        <span className={`cut ${styles.word}`}>{team.name}</span>
      </Link>
      <div className={styles.list}>
        <Link to="/" className={styles.link} activeOptions={{ exact: true }} title={words.frame.overview}>
          <LayoutDashboard aria-hidden />
          <span className={styles.word}>{words.frame.overview}</span>
        </Link>
        <Link
          to="/projects"
          className={styles.link}
          activeOptions={{ exact: true }}
          title={words.frame.projects}
        >
          <Boxes aria-hidden />
          <span className={styles.word}>{words.frame.projects}</span>
        </Link>
        <ul className={styles.inner}>
          {projects.slice(0, most).map((project) => (
            <li key={project.id}>
              <ProjectLink id={project.id} name={project.name} status={statusOf(project)} here={here} />
            </li>
          ))}
          {projects.length > MOST ? (
            <li>
              <Link to="/projects" className={`${styles.link} ${styles.more}`}>
                {words.frame.moreProjects(projects.length - MOST)}
              </Link>
            </li>
          ) : null}
        </ul>
        <Link to="/teams" className={styles.link} title={words.frame.teams}>
          <Users aria-hidden />
          <span className={styles.word}>{words.frame.teams}</span>
        </Link>
        {user.operator ? (
          <Link to="/workers" className={styles.link} title={words.frame.workers}>
            <Server aria-hidden />
            <span className={styles.word}>{words.frame.workers}</span>
          </Link>
        ) : null}
      </div>
      <div className={styles.foot}>
        <PlatformHealth />
        <Suspense fallback={<UserButton />}>
          <UserMenu />
        </Suspense>
      </div>
    </nav>
  );
}
