import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import styles from "./menu.module.css";

type Props = {
  /** The button that opens it. */
  trigger: ReactElement<Record<string, unknown>>;
  side?: "top" | "bottom";
  align?: "start" | "end";
  children: ReactNode;
};

export function Menu({ trigger, side = "bottom", align = "end", children }: Props) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles.positioner} side={side} align={align} sideOffset={6}>
          <Base.Popup className={styles.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

type Item = {
  onClick?: () => void;
  render?: ReactElement<Record<string, unknown>>;
  danger?: boolean;
  /** Why it cannot be chosen now; shown under it. */
  why?: string | null;
  children: ReactNode;
};

/** A line of the menu; `render` makes it a link. */
export function MenuItem({ onClick, render, danger, why, children }: Item) {
  return (
    <Base.Item
      className={`${styles.item} ${danger ? styles.danger : ""}`}
      onClick={onClick}
      render={render}
      disabled={Boolean(why)}
    >
      {children}
      {why ? <span className={styles.why}>{why}</span> : null}
    </Base.Item>
  );
}

export function MenuRule() {
  return <Base.Separator className={styles.rule} />;
}

export const menuLabelClass = styles.label;
