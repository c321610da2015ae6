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
import { type KeyboardEvent, useId, useMemo, useState } from "react";
import dialog from "@/components/ui/dialog.module.css";
import { useDeploy } from "@/features/projects/actions";
import { alive } from "@/features/projects/status-of";
import { projectsQuery, workersQuery } from "@/lib/queries";
import { words } from "@/lib/words";
import { projectWords } from "@/lib/words-projects";
import { matching } from "./matching";
import styles from "./palette.module.css";
import { useSession } from "./session-gate";
import { signOut } from "./sign-out";
import { chooseTheme, THEME_CHOICES } from "./theme";

type Page = "/" | "/projects" | "/projects/new" | "/workers" | "/platform" | "/account" | "/account/tokens";
type Entry = { key: string; text: string; kind: string; icon: LucideIcon; run: () => void };

function useEntries(): Entry[] {
  const navigate = useNavigate();
  const deploy = useDeploy();
  const { operator } = useSession().user;
  const { data } = useQuery(projectsQuery);
  const workers = useQuery({ ...workersQuery, enabled: operator }).data;
  return useMemo(() => {
    const { project, worker, page, action } = words.palette.kinds;
    const projects = alive(data?.items);
    const go = (to: Page) => () => void navigate({ to });
    return [
      ...projects.map((each) => ({
        key: each.id,
        text: each.name,
        kind: project,
        icon: Boxes,
        run: () => void navigate({ to: "/projects/$projectId", params: { projectId: each.id } }),
      })),
      { key: "overview", text: words.frame.overview, kind: page, icon: LayoutDashboard, run: go("/") },
      { key: "projects", text: words.frame.projects, kind: page, icon: Boxes, run: go("/projects") },
      ...(operator
        ? [{ key: "workers", text: words.frame.workers, kind: page, icon: Server, run: go("/workers") }]
        : []),
      ...(workers?.items ?? []).map((each) => ({
        key: each.id,
        text: each.name,
        kind: worker,
        icon: Server,
        run: () => void navigate({ to: "/workers/$workerId", params: { workerId: each.id } }),
      })),
      { key: "platform", text: words.frame.platform, kind: page, icon: Activity, run: go("/platform") },
      { key: "account", text: words.frame.account, kind: page, icon: UserRound, run: go("/account") },
      { key: "tokens", text: words.frame.tokens, kind: page, icon: KeyRound, run: go("/account/tokens") },
      { key: "new", text: projectWords.create, kind: action, icon: Plus, run: go("/projects/new") },
      ...projects.map((each) => ({
        key: `deploy-${each.id}`,
        text: words.palette.deploy(each.name),
        kind: action,
        icon: Rocket,
        run: () => deploy.mutate({ projectId: each.id }),
      })),
      ...THEME_CHOICES.map((choice) => ({
        key: choice,
        text: words.palette.theme(words.frame.themes[choice]),
        kind: action,
        icon: SunMoon,
        run: () => chooseTheme(choice),
      })),
      { key: "out", text: words.session.signOut, kind: action, icon: LogOut, run: () => void signOut() },
    ];
  }, [data, workers, operator, navigate, deploy.mutate]);
}

/** Projects, pages and actions by typing. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const id = useId();
  const entries = useEntries();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const shown = useMemo(() => matching(entries, text), [entries, text]);
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
          <Dialog.Title className="only-read">{words.palette.title}</Dialog.Title>
          <input
            className={styles.input}
            role="combobox"
            aria-expanded
            aria-controls={`${id}-list`}
            aria-activedescendant={current ? `${id}-${current.key}` : undefined}
            aria-label={words.palette.title}
            placeholder={words.palette.placeholder}
            autoComplete="off"
            spellCheck={false}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
          <div className={styles.list} id={`${id}-list`} role="listbox" aria-label={words.palette.title}>
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
                <entry.icon aria-hidden />
                <span className="cut">{entry.text}</span>
                <span className={styles.kind}>{entry.kind}</span>
              </div>
            ))}
          </div>
          {shown.length === 0 ? <p className={styles.empty}>{words.palette.empty}</p> : null}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
