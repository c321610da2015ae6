import { type ReactNode, useEffect } from "react";
import { words } from "@/lib/words";
import styles from "./calm.module.css";

/** The product's mark. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className ?? styles.mark} aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path
        d="M7 10l4.5 12L16 12l4.5 10L25 10"
        fill="none"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** A page with one thing to say and one thing to do. */
export function Calm({ title, text, children }: { title: string; text?: ReactNode; children?: ReactNode }) {
  useEffect(() => {
    document.title = title.includes(words.app) ? title : `${title} · ${words.app}`;
  }, [title]);
  return (
    <main className={styles.calm}>
      <div className={styles.inner}>
        <Mark />
        <div className={styles.words}>
          <h1>{title}</h1>
          {text ? <p>{text}</p> : null}
        </div>
        {children}
      </div>
    </main>
  );
}
