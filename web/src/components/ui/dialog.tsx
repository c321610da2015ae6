import { Dialog as Base } from "@base-ui/react/dialog";
import type { FormEvent, ReactNode } from "react";
import styles from "./dialog.module.css";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  help?: ReactNode;
  children: ReactNode;
  foot: ReactNode;
  /** With it the dialog is a form, so that Enter sends it. */
  onSubmit?: () => void;
};

/** A dialog with its title, its fields and its buttons; focus stays inside and comes back afterwards. */
export function Dialog({ open, onOpenChange, title, help, children, foot, onSubmit }: Props) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A dialog that another one opened is inside its form for React.
    event.stopPropagation();
    onSubmit?.();
  };
  const inner = (
    <>
      <div className={styles.body}>{children}</div>
      <div className={styles.foot}>{foot}</div>
    </>
  );
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className={styles.scrim} />
        <Base.Popup className={styles.popup}>
          <div className={styles.head}>
            <Base.Title>{title}</Base.Title>
            {help ? <Base.Description className={styles.help}>{help}</Base.Description> : null}
          </div>
          {onSubmit ? (
            <form onSubmit={submit} noValidate>
              {inner}
            </form>
          ) : (
            inner
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
