import { type ReactNode, useEffect } from "react";
import { words } from "@/lib/words";
import styles from "./page.module.css";

type Props = { title: string; hideTitle?: boolean; full?: boolean; action?: ReactNode; children: ReactNode };

/** A page: its title (also of the tab), its one action, its content on one column edge. */
export function Page({ title, hideTitle, full, action, children }: Props) {
  useEffect(() => {
    document.title = `${title} · ${words.app}`;
  }, [title]);
  return (
    <div className={`${styles.page} ${full ? styles.full : ""}`}>
      {hideTitle ? null : (
        <header className={styles.head}>
          <h1>{title}</h1>
          {action}
        </header>
      )}
      {children}
    </div>
  );
}

export function Section({
  title,
  action,
  children,
}: {
  title: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={styles.section}>
      <div className={styles.sectionHead}>
        <h2>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

/** Label and help at the left third, the control at the right. */
export function Setting({ title, help, children }: { title: string; help?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.setting}>
      <div>
        <h2>{title}</h2>
        {help ? <p className="meta">{help}</p> : null}
      </div>
      <div className={styles.section}>{children}</div>
    </section>
  );
}

/** A grey place of the final size while data is on its way. */
export function Skeleton({ width = "100%", height = 16 }: { width?: number | string; height?: number }) {
  return <span className={styles.skeleton} style={{ width, height }} aria-hidden />;
}

/** Rows of a table that is on its way. */
export function SkeletonRows({ rows = 3 }: { rows?: number }) {
  return (
    <div className={styles.section} aria-busy="true">
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((key) => (
        <Skeleton key={key} height={35} />
      ))}
    </div>
  );
}

/** Names and values, aligned. Pairs without a value are left out. */
export function Facts({ items }: { items: [name: string, value: ReactNode][] }) {
  return (
    <dl className={styles.facts}>
      {items
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .flatMap(([name, value]) => [
          <dt key={`${name}-name`}>{name}</dt>,
          <dd key={`${name}-value`}>{value}</dd>,
        ])}
    </dl>
  );
}
