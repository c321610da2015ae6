import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { Problem } from "@/components/ui/notice";
import { words } from "@/lib/words";
import styles from "./frame.module.css";
import { forgetRefusal, signOut, useSigningOut } from "./sign-out";

function Refusal() {
  const { error } = useSigningOut();
  useEffect(() => forgetRefusal, []);
  if (!error) return null;
  return (
    <div className={styles.lost}>
      <Problem error={error} title={words.session.stillIn} retry={() => void signOut()} />
    </div>
  );
}

/** Why signing out did not work, on the page where it was asked for. */
export function StillSignedIn() {
  const { pathname } = useLocation();
  return <Refusal key={pathname} />;
}
