import { Outlet } from "@tanstack/react-router";
import { Menu as MenuIcon, Search } from "lucide-react";
import { lazy, memo, Suspense, startTransition, useCallback, useLayoutEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { useNow } from "@/lib/clock";
import { whenIdle } from "@/lib/idle";
import { ago } from "@/lib/time";
import { words } from "@/lib/words";
import { Breadcrumb } from "./breadcrumb";
import styles from "./frame.module.css";
import { useLinks } from "./links";
import { Live, useStaleSince } from "./live";
import { LostTeams } from "./lost-teams";
import { Navigation } from "./navigation";
import { type Offer, onPaletteOffer, togglePalette } from "./palette-offer";
import { StillSignedIn } from "./still-signed-in";
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

/** The palette and the keys that open it. Its making never holds up a key. */
function PaletteHost() {
  const [offer, setOffer] = useState<Offer | null>(null);
  const close = useCallback(() => startTransition(() => setOffer(null)), []);
  // In the commit itself: whoever sees the page can press at once.
  useLayoutEffect(() => onPaletteOffer((change) => startTransition(() => setOffer(change))), []);
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey) return;
      event.preventDefault();
      togglePalette();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return <Suspense>{offer ? <Palette offer={offer} onClose={close} /> : null}</Suspense>;
}

function Undo() {
  return <Suspense>{useOfferedUndo() ? <UndoNotice /> : null}</Suspense>;
}

const Bar = memo(function Bar() {
  return (
    <aside className={styles.bar}>
      <Navigation collapsing />
    </aside>
  );
});

function Body() {
  const since = useStaleSince();
  const links = useLinks();
  return (
    <div className={styles.frame} {...links}>
      <a className={styles.skip} href="#content">
        {words.actions.skip}
      </a>
      <Bar />
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
          <Breadcrumb />
          <Button
            className={styles.search}
            onClick={togglePalette}
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
          <StillSignedIn />
          <LostTeams />
          <Outlet />
        </main>
      </div>
      <Undo />
      <PaletteHost />
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
