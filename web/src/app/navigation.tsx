import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { Boxes, LayoutDashboard, ScrollText, Server, Users } from "lucide-react";
import { type ComponentProps, lazy, Suspense } from "react";
import { Mark } from "@/components/ui/calm";
import { StatusMark } from "@/components/ui/status";
import { alive, statusOf } from "@/features/projects/status-of";
import { usePainted, whenIdle } from "@/lib/idle";
import { platformQuery, projectsQuery } from "@/lib/queries";
import { words } from "@/lib/words";
import { audits } from "./audits";
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
    <Place href="/platform" under className={`${styles.link} ${styles.tall}`} title={data?.detail || line}>
      <StatusMark status={data ? state : "pending"} />
      <span className={`${styles.health} ${styles.word}`}>
        <span className="cut">{word}</span>
        <span className="meta cut numbers">
          {line || words.app} · {session.platform.version}
        </span>
      </span>
    </Place>
  );
}

type PlaceProps = ComponentProps<"a"> & { href: string; under?: boolean };

/** A way to a page. Of many on every page, so it is a plain link: one that follows the router costs more than the rest. */
function Place({ href, under, ...rest }: PlaceProps) {
  const { pathname } = useLocation();
  const here = pathname === href || (under && pathname.startsWith(`${href}/`));
  return <a {...rest} href={href} aria-current={here ? "page" : undefined} />;
}

/** The left bar: the team, the places to go, the user and the platform's own health. */
export function Navigation({ collapsing }: { collapsing?: boolean }) {
  const session = useSession();
  const { team, user } = session;
  const { data } = useQuery(projectsQuery);
  // The page itself comes first: these are ways to elsewhere.
  const most = usePainted() ? MOST : 0;
  const projects = alive(data?.items);
  return (
    <nav
      className={`${styles.nav} ${collapsing ? styles.collapsing : ""}`}
      aria-label={words.frame.navigation}
    >
      <Place href="/teams" under className={styles.team} title={words.frame.toTeams(team.name)}>
        <Mark className={styles.mark} />
        <span className={`cut ${styles.word}`}>{team.name}</span>
      </Place>
      <div className={styles.list}>
        <Place href="/" className={styles.link} title={words.frame.overview}>
          <LayoutDashboard aria-hidden />
          <span className={styles.word}>{words.frame.overview}</span>
        </Place>
        <Place href="/projects" className={styles.link} title={words.frame.projects}>
          <Boxes aria-hidden />
          <span className={styles.word}>{words.frame.projects}</span>
        </Place>
        <ul className={styles.inner}>
          {projects.slice(0, most).map((project) => (
            <li key={project.id}>
              <Place href={`/projects/${project.id}`} under className={styles.link} title={project.name}>
                <span className="cut">{project.name}</span>
                <StatusMark status={statusOf(project)} label />
              </Place>
            </li>
          ))}
          {projects.length > MOST ? (
            <li>
              <Place href="/projects" className={`${styles.link} ${styles.more}`}>
                {words.frame.moreProjects(projects.length - MOST)}
              </Place>
            </li>
          ) : null}
        </ul>
        <Place href="/teams" under className={styles.link} title={words.frame.teams}>
          <Users aria-hidden />
          <span className={styles.word}>{words.frame.teams}</span>
        </Place>
        {user.operator ? (
          <Place href="/workers" under className={styles.link} title={words.frame.workers}>
            <Server aria-hidden />
            <span className={styles.word}>{words.frame.workers}</span>
          </Place>
        ) : null}
        {audits(session) ? (
          <Place href="/audit" className={styles.link} title={words.frame.audit}>
            <ScrollText aria-hidden />
            <span className={styles.word}>{words.frame.audit}</span>
          </Place>
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
