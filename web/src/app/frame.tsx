import { Outlet } from "@tanstack/react-router";
import { Menu as MenuIcon, Search } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { useNow } from "@/lib/clock";
import { whenIdle } from "@/lib/idle";
import { ago } from "@/lib/time";
import { words } from "@/lib/words";
import { Breadcrumb } from "./breadcrumb";
import styles from "./frame.module.css";
import { Live, useStaleSince } from "./live";
import { LostTeams } from "./lost-teams";
import { Navigation } from "./navigation";
import type { Offer } from "./palette";
import { useOfferedUndo } from "./undo-offer";

const Palette = lazy(() => import("./palette"));
const UndoNotice = lazy(() =>
  import("@/features/projects/undo-notice").then((module) => ({ default: module.UndoNotice })),
);
const Sheet = lazy(whenIdle(() => import("./sheet")));
const isMac = /mac|iphone|ipad/i.test(navigator.platform);

/** A thin bar while the stream is away. The first seconds stay quiet: most breaks end within them. */
function StaleBar({ since }: { since: number }) {
  const now = useNow(1000);
  if (now - since < 3000) return null;
  return (
    <div className={styles.stale} role="status">
      {words.frame.reconnecting(ago(since, now))}
    </div>
  );
}

function useShortcut(open: () => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey) return;
      event.preventDefault();
      open();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [open]);
}

function Body() {
  const since = useStaleSince();
  const offered = useOfferedUndo();
  const [palette, setPalette] = useState<Offer | null>(null);
  const toggle = useRef(() => setPalette((open) => (open ? null : "all"))).current;
  const close = useRef(() => setPalette(null)).current;
  useShortcut(toggle);
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#content">
        {words.actions.skip}
      </a>
      <aside className={styles.bar}>
        <Navigation collapsing />
      </aside>
      <div className={styles.body}>
        <header className={styles.top}>
          <Suspense
            fallback={
              <Button look="quiet" icon className={styles.onlyPhone} aria-label={words.actions.menu}>
                <MenuIcon aria-hidden />
              </Button>
            }
          >
            <Sheet />
          </Suspense>
          <Breadcrumb onSwitch={() => setPalette("projects")} />
          <Button
            className={styles.search}
            onClick={toggle}
            aria-keyshortcuts={isMac ? "Meta+K" : "Control+K"}
          >
            <Search aria-hidden />
            <span>{words.frame.search}</span>
            <kbd>{isMac ? "⌘K" : "Ctrl K"}</kbd>
          </Button>
        </header>
        {since === null ? null : <StaleBar since={since} />}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
        <main className={styles.main} id="content" tabIndex={0} data-stale={since !== null}>
          <LostTeams />
          <Outlet />
        </main>
      </div>
      <Suspense>{offered ? <UndoNotice /> : null}</Suspense>
      <Suspense>{palette ? <Palette offer={palette} onClose={close} /> : null}</Suspense>
    </div>
  );
}

export function Frame() {
  return (
    <Live>
      <Body />
    </Live>
  );
}
