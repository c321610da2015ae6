import { Dialog } from "@base-ui/react/dialog";
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
  Server,
  SunMoon,
  UserRound,
} from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from "react";
import dialog from "@/components/ui/dialog.module.css";
import { StatusMark } from "@/components/ui/status";
import { useDeploy } from "@/features/projects/actions";
import { alive, statusOf } from "@/features/projects/status-of";
import { matching } from "@/lib/matching";
import { projectsQuery, workersQuery } from "@/lib/queries";
import { words } from "@/lib/words";
import { projectWords } from "@/lib/words-projects";
import styles from "./palette.module.css";
import { useSession } from "./session-gate";
import { signOut } from "./sign-out";
import { chooseTheme, THEME_CHOICES } from "./theme";

type Page = "/" | "/projects" | "/projects/new" | "/workers" | "/platform" | "/account" | "/account/tokens";
type Entry = { key: string; text: string; kind: string; sign: ReactNode; run: () => void };
/** What it lists: all there is, or the projects to switch to. */
export type Offer = "all" | "projects";

/** Of more matches the rest is a letter away; a thousand rows at once would make typing slow. */
const SHOWN = 50;
/** So many projects stand before the pages while nothing is typed. */
const FIRST = 12;

const drawn = (Icon: LucideIcon) => <Icon aria-hidden />;

function useProjects(): Entry[] {
  const navigate = useNavigate();
  const { data } = useQuery(projectsQuery);
  return useMemo(
    () =>
      alive(data?.items).map((each) => ({
        key: each.id,
        text: each.name,
        kind: words.palette.kinds.project,
        sign: <StatusMark status={statusOf(each)} label />,
        run: () => void navigate({ to: "/projects/$projectId", params: { projectId: each.id } }),
      })),
    [data, navigate],
  );
}

function useEntries(): Entry[] {
  const navigate = useNavigate();
  const jumps = useProjects();
  const deploy = useDeploy();
  const { operator } = useSession().user;
  const { data } = useQuery(projectsQuery);
  const workers = useQuery({ ...workersQuery, enabled: operator }).data;
  return useMemo(() => {
    const { worker, page, action } = words.palette.kinds;
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
      go(words.frame.platform, Activity, "/platform"),
      go(words.frame.account, UserRound, "/account"),
      go(words.frame.tokens, KeyRound, "/account/tokens"),
      go(projectWords.create, Plus, "/projects/new", action),
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
  }, [jumps, data, workers, operator, navigate, deploy.mutate]);
}

type Props = { title: string; placeholder: string; entries: Entry[]; onClose: () => void };

function List({ title, placeholder, entries, onClose }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(() => matching(entries, text), [entries, text]);
  const shown = found.slice(0, SHOWN);
  const current = shown[Math.min(at, shown.length - 1)];

  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length > 0) {
      event.preventDefault();
      const next = (Math.min(at, shown.length - 1) + step + shown.length) % shown.length;
      setAt(next);
      document.getElementById(`${id}-${shown[next]?.key}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(current);
    }
  };

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialog.scrim} />
        <Dialog.Popup className={dialog.popup}>
          <Dialog.Title className="only-read">{title}</Dialog.Title>
          <input
            className={styles.input}
            role="combobox"
            aria-expanded
            aria-controls={`${id}-list`}
            aria-activedescendant={current ? `${id}-${current.key}` : undefined}
            aria-label={title}
            placeholder={placeholder}
            autoComplete="off"
            spellCheck={false}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
          <div className={styles.list} id={`${id}-list`} role="listbox" aria-label={title}>
            {shown.map((entry) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above handles the keys of its list
              <div
                key={entry.key}
                id={`${id}-${entry.key}`}
                role="option"
                tabIndex={-1}
                aria-selected={entry === current}
                className={styles.item}
                onClick={() => run(entry)}
              >
                {entry.sign}
                <span className="cut">{entry.text}</span>
                <span className={styles.kind}>{entry.kind}</span>
              </div>
            ))}
          </div>
          {found.length > shown.length ? (
            <p className={styles.more}>{words.palette.more(found.length - shown.length)}</p>
          ) : null}
          {shown.length === 0 ? <p className={styles.empty}>{words.palette.empty}</p> : null}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function All({ onClose }: { onClose: () => void }) {
  const { title, placeholder } = words.palette;
  return <List title={title} placeholder={placeholder} entries={useEntries()} onClose={onClose} />;
}

function Projects({ onClose }: { onClose: () => void }) {
  const title = words.frame.switchProject;
  return (
    <List title={title} placeholder={words.palette.projectName} entries={useProjects()} onClose={onClose} />
  );
}

/** Projects, pages and actions by typing. */
export default function Palette({ offer, onClose }: { offer: Offer; onClose: () => void }) {
  return offer === "all" ? <All onClose={onClose} /> : <Projects onClose={onClose} />;
}
