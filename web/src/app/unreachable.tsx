import { useEffect } from "react";
import { Button } from "@/components/ui/button";
import { Calm } from "@/components/ui/calm";
import { sentenceOf } from "@/lib/problem";
import { words } from "@/lib/words";

/** The control plane does not answer at the first load: says so, and tries again when the network is back. */
export function Unreachable({ error, retry }: { error: unknown; retry: () => void }) {
  useEffect(() => {
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [retry]);
  return (
    <Calm title={words.session.unreachable} text={sentenceOf(error)}>
      <Button look="primary" onClick={retry}>
        {words.actions.retry}
      </Button>
    </Calm>
  );
}
