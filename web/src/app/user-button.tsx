import type { ComponentProps } from "react";
import styles from "./navigation.module.css";
import { useSession } from "./session-gate";

/** The user's line at the foot of the bar; stands there before its menu is loaded. */
export function UserButton(props: ComponentProps<"button">) {
  const { user } = useSession();
  const name = user.name || user.email;
  return (
    <button type="button" {...props} className={`${styles.link} ${styles.user}`} title={user.email}>
      <span className={styles.face} aria-hidden>
        {name.charAt(0).toUpperCase()}
      </span>
      <span className={`cut ${styles.word}`}>{name}</span>
    </button>
  );
}
