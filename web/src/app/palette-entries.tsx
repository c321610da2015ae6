/** What the palette can go to and do. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import {
  Activity,
  Boxes,
  KeyRound,
  LayoutDashboard,
  LogOut,
  type LucideIcon,
  Plus,
  Rocket,
  ScrollText,
  Server,
  SunMoon,
  UserRound,
  Users,
} from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { StatusMark } from "@/components/ui/status";
import { useDeploy } from "@/features/projects/actions";
import { alive, statusOf } from "@/features/projects/status-of";
import { projectsQuery, workersQuery } from "@/lib/queries";
import { words } from "@/lib/words";
import { audits } from "./audits";
import { useSession } from "./session-gate";
import { signOut } from "./sign-out";
import { chooseTheme, THEME_CHOICES } from "./theme";

type Page =
  | "/"
  | "/projects"
  | "/projects/new"
  | "/teams"
  | "/workers"
  | "/platform"
  | "/audit"
  | "/account"
  | "/account/tokens";
export type Entry = { key: string; text: string; kind: string; sign: () => ReactNode; run: () => void };
/** So many projects stand before the pages while nothing is typed. */
const FIRST = 12;

const drawn = (Icon: LucideIcon) => () => <Icon aria-hidden />;

export function useProjects(): Entry[] {
  const navigate = useNavigate();
  const { data } = useQuery(projectsQuery);
  return useMemo(
    () =>
      alive(data?.items).map((each) => ({
        key: each.id,
        text: each.name,
        kind: words.palette.kinds.project,
        sign: () => <StatusMark status={statusOf(each)} label />,
        run: () => void navigate({ to: "/projects/$projectId", params: { projectId: each.id } }),
      })),
    [data, navigate],
  );
}

export function useEntries(): Entry[] {
  const navigate = useNavigate();
  const jumps = useProjects();
  const deploy = useDeploy();
  const session = useSession();
  const { teams } = session;
  const { operator } = session.user;
  const audited = audits(session);
  const { data } = useQuery(projectsQuery);
  const workers = useQuery({ ...workersQuery, enabled: operator }).data;
  return useMemo(() => {
    const { worker, team, page, action } = words.palette.kinds;
    const projects = alive(data?.items);
    const go = (text: string, icon: LucideIcon, to: Page, kind = page): Entry => ({
      key: to,
      text,
      kind,
      sign: drawn(icon),
      run: () => void navigate({ to }),
    });
    return [
      ...jumps.slice(0, FIRST),
      go(words.frame.overview, LayoutDashboard, "/"),
      go(words.frame.projects, Boxes, "/projects"),
      ...(operator ? [go(words.frame.workers, Server, "/workers")] : []),
      ...(workers?.items ?? []).map((each) => ({
        key: each.id,
        text: each.name,
        kind: worker,
        sign: drawn(Server),
        run: () => void navigate({ to: "/workers/$workerId", params: { workerId: each.id } }),
      })),
      go(words.frame.teams, Users, "/teams"),
      ...teams.map((each) => ({
        key: each.id,
        text: each.name,
        kind: team,
        sign: drawn(Users),
        run: () => void navigate({ to: "/teams/$teamId", params: { teamId: each.id } }),
      })),
      go(words.frame.platform, Activity, "/platform"),
      go(words.frame.account, UserRound, "/account"),
      ...(audited ? [go(words.frame.audit, ScrollText, "/audit")] : []),
      go(words.frame.tokens, KeyRound, "/account/tokens"),
      go(words.frame.newProject, Plus, "/projects/new", action),
      ...projects.map((each) => ({
        key: `deploy-${each.id}`,
        text: words.palette.deploy(each.name),
        kind: action,
        sign: drawn(Rocket),
        run: () => deploy.mutate({ projectId: each.id }),
      })),
      ...THEME_CHOICES.map((choice) => ({
        key: choice,
        text: words.palette.theme(words.frame.themes[choice]),
        kind: action,
        sign: drawn(SunMoon),
        run: () => chooseTheme(choice),
      })),
      {
        key: "out",
        text: words.session.signOut,
        kind: action,
        sign: drawn(LogOut),
        run: () => void signOut(),
      },
      ...jumps.slice(FIRST),
    ];
  }, [jumps, data, workers, operator, audited, teams, navigate, deploy.mutate]);
}
