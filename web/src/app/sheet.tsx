import { Dialog } from "@base-ui/react/dialog";
import { useLocation } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { buttonClass } from "@/components/ui/button";
import dialog from "@/components/ui/dialog.module.css";
import { words } from "@/lib/words";
import styles from "./frame.module.css";
import { Navigation } from "./navigation";

/** The sheet that holds the navigation on a phone; going somewhere closes it. */
export default function Sheet() {
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current !== pathname) setOpen(false);
    last.current = pathname;
  }, [pathname]);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger
        className={`${buttonClass({ look: "quiet", icon: true })} ${styles.onlyPhone}`}
        aria-label={words.actions.menu}
      >
        <MenuIcon aria-hidden />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialog.scrim} />
        <Dialog.Popup className={styles.sheet}>
          <Dialog.Title className="only-read">{words.frame.navigation}</Dialog.Title>
          <Navigation />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
