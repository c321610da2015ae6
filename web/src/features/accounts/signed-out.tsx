import { buttonClass } from "@/components/ui/button";
import { Calm } from "@/components/ui/calm";
import { Notice } from "@/components/ui/notice";
import type { SessionEnd } from "@/lib/client";
import { words } from "@/lib/words";

export type SignedOutReason = SessionEnd;

/** Where the sign-in leads back to: this very page. Only our own path is sent, never an address. */
export const signInLink = (place: { pathname: string; search: string; hash: string }): string =>
  `/auth/login?next=${encodeURIComponent(place.pathname + place.search + place.hash)}`;

/** One calm page with one button, and the reason when a session ended. */
export function SignedOut({ reason }: { reason: SignedOutReason | null }) {
  return (
    <Calm title={words.session.title} text={words.session.purpose}>
      {reason ? (
        <Notice tone="info">{reason === "ended" ? words.session.ended : words.session.signedOut}</Notice>
      ) : null}
      <a className={buttonClass({ look: "primary" })} href={signInLink(location)}>
        {words.session.signIn}
      </a>
    </Calm>
  );
}
