import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Notice } from "@/components/ui/notice";
import { serverNow, useNow } from "@/lib/clock";
import { platformQuery } from "@/lib/queries";
import { duration } from "@/lib/time";
import type { BaseImage } from "@/lib/types";
import { words } from "@/lib/words";

/** Counts on from the seconds the platform last told. */
function Preparing({ base }: { base: BaseImage }) {
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
      {words.base.why}
    </Notice>
  );
}

/** What the platform still makes before a first build can start; nothing once all is there. */
export function BaseProgress() {
  const { data } = useQuery(platformQuery);
  const open = data?.bases.filter((base) => base.status !== "ready" && !base.on_demand) ?? [];
  return open.map((base) =>
    base.status === "failed" ? (
      <Notice key={base.name} tone="bad" title={words.base.failed(base.name)}>
        {base.detail}
      </Notice>
    ) : (
      <Preparing key={base.name} base={base} />
    ),
  );
}
