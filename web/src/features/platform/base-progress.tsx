import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Notice } from "@/components/ui/notice";
import { serverNow, useNow } from "@/lib/clock";
import { platformQuery } from "@/lib/queries";
import { duration } from "@/lib/time";
import type { BaseImage } from "@/lib/types";
import { words } from "@/lib/words";

/** Counts on from the seconds the platform last told. */
function Preparing({ base, more }: { base: BaseImage; more: number }) {
  const [told, setTold] = useState({ seconds: base.seconds ?? 0, at: serverNow() });
  if (told.seconds !== (base.seconds ?? 0)) setTold({ seconds: base.seconds ?? 0, at: serverNow() });
  const now = useNow(1000);
  const seconds = told.seconds + Math.max(0, now - told.at) / 1000;
  return (
    <Notice
      tone="info"
      title={
        <span className="numbers">
          {words.base.preparing(base.name, duration(Math.round(seconds)).replace(".0 s", " s"))}
        </span>
      }
    >
      {words.base.why} {more > 0 ? words.base.more(more) : null}
    </Notice>
  );
}

/** What the platform still makes before a first build can start; nothing once all is there. */
export function BaseProgress() {
  const { data } = useQuery(platformQuery);
  const open = data?.bases.filter((base) => base.status !== "ready" && !base.on_demand) ?? [];
  const waiting = open.filter((base) => base.status !== "failed");
  // One is made at a time; those that wait for their turn have been at it for no time at all.
  const [made] = [...waiting].sort((one, other) => (other.seconds ?? 0) - (one.seconds ?? 0));
  return (
    <>
      {open
        .filter((base) => base.status === "failed")
        .map((base) => (
          <Notice key={base.name} tone="bad" title={words.base.failed(base.name)}>
            {base.detail}
          </Notice>
        ))}
      {made ? <Preparing key={made.name} base={made} more={waiting.length - 1} /> : null}
    </>
  );
}
