import { serverNow, useNow } from "@/lib/clock";
import { ago, ahead, exact } from "@/lib/time";

type Props = { at: string | null | undefined; future?: boolean };

/** `3 min ago`, the exact time on hover; ticks once a second while it counts seconds. */
export function Age({ at, future }: Props) {
  const then = at ? Date.parse(at) : Number.NaN;
  const young = Math.abs(serverNow() - then) < 90_000;
  const now = useNow(young ? 1000 : 15_000);
  if (Number.isNaN(then)) return null;
  return (
    <time dateTime={at ?? undefined} title={exact(then)} className="numbers">
      {future ? ahead(then, now) : ago(then, now)}
    </time>
  );
}
