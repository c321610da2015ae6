import { buttonClass } from "@/components/ui/button";
import { Calm } from "@/components/ui/calm";
import { Notice } from "@/components/ui/notice";
import type { SessionEnd } from "@/lib/client";
import { words } from "@/lib/words";

export type SignedOutReason = SessionEnd;

/** Where the sign-in leads back to: this very page. Only our own path is sent, never an address. */
export function signInLink(place: { pathname: string; search: string }): string {
  const search = new URLSearchParams(place.search);
  search.delete("signin_error");
  const query = search.toString();
  return `/auth/login?next=${encodeURIComponent(place.pathname + (query ? `?${query}` : ""))}`;
}

/** One calm page with one button, and the reason when a session ended. */
export function SignedOut({ reason }: { reason: SignedOutReason | null }) {
  const failed = new URLSearchParams(location.search).has("signin_error");
  const sentence =
    reason === "signed_out"
      ? words.session.signedOut
      : reason === "ended"
        ? words.session.ended
        : failed
          ? words.session.failed
          : null;
  return (
    <Calm title={words.session.title} text={words.session.purpose}>
      {sentence ? <Notice tone={failed && !reason ? "bad" : "info"}>{sentence}</Notice> : null}
      <a className={buttonClass({ look: "primary" })} href={signInLink(location)}>
        {words.session.signIn}
      </a>
    </Calm>
  );
}
