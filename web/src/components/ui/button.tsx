import { LoaderCircle } from "lucide-react";
import type { ComponentProps } from "react";
import styles from "./button.module.css";

export type ButtonLook = "primary" | "plain" | "quiet" | "danger";

type Look = { look?: ButtonLook; icon?: boolean; small?: boolean };

/** The classes of a button, for links that look like one. */
export function buttonClass({ look = "plain", icon = false, small = false }: Look = {}): string {
  return [styles.button, styles[look], icon && styles.icon, small && styles.small].filter(Boolean).join(" ");
}

type Props = ComponentProps<"button"> &
  Look & {
    busy?: boolean;
    /** Why it cannot be pressed now: it stays reachable and says so. */
    why?: string | null;
  };

/** A button. `icon` makes it square: it then needs an `aria-label`. `busy` keeps its place and refuses a second click. */
export function Button({ look, icon, small, busy, why, disabled, className, children, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      {...(why ? { "aria-disabled": true, title: why, onClick: (event) => event.preventDefault() } : {})}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={`${buttonClass({ look, icon, small })} ${className ?? ""}`}
    >
      {busy ? <LoaderCircle className={styles.spin} aria-hidden /> : null}
      {busy && icon ? null : children}
    </button>
  );
}
