import { Link, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { projectWords } from "@/lib/words-projects";
import styles from "./projects.module.css";

const text = projectWords.tabs;

const TABS = [
  ["/projects/$projectId", text.overview],
  ["/projects/$projectId/deployments", text.deployments],
  ["/projects/$projectId/processes", text.processes],
  ["/projects/$projectId/logs", text.logs],
  ["/projects/$projectId/variables", text.variables],
  ["/projects/$projectId/settings", text.settings],
] as const;

/** Tabs are links: each has its own address. */
export function ProjectTabs({ projectId }: { projectId: string }) {
  const tabs = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the current tab is another with each address
  useEffect(() => {
    // With the frame's own layout: measured at once, the page would be laid out twice.
    const frame = requestAnimationFrame(() =>
      tabs.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }),
    );
    return () => cancelAnimationFrame(frame);
  }, [pathname]);
  return (
    <nav ref={tabs} className={styles.tabs} aria-label={projectWords.title}>
      {TABS.map(([to, label]) => (
        <Link key={to} to={to} params={{ projectId }} className={styles.tab} activeOptions={{ exact: true }}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
