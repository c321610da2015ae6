import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Minus, Plus } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Problem } from "@/components/ui/notice";
import { useWhyNot } from "@/features/teams/use-role";
import { api, ask } from "@/lib/client";
import { patchProject } from "@/lib/patch";
import type { Environment, Project } from "@/lib/types";
import { processWords } from "@/lib/words-running";
import styles from "./processes.module.css";

const text = processWords;
const MOST = 8;

function useScale(environmentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (replicas: number) =>
      ask(
        api.PATCH("/api/v1/environments/{environment_id}", {
          params: { path: { environment_id: environmentId } },
          body: { replicas },
        }),
      ),
    onSuccess: (project) => patchProject(client, project),
  });
}

function consequence(environment: Environment, wanted: number): string {
  if (!environment.live) return text.withNext;
  const change = wanted - environment.replicas;
  return change > 0 ? text.up(change) : text.down(-change);
}

/** How many instances `web` has. Arrows or the buttons choose, the button that then appears (or Enter) applies. */
export function Scale({ project, environment }: { project: Project; environment: Environment }) {
  const id = useId();
  const scale = useScale(environment.id);
  const [chosen, setChosen] = useState<number | null>(null);
  const now = environment.replicas;
  const wanted = chosen ?? now;
  const why = useWhyNot(project);
  const choose = (count: number) => {
    scale.reset();
    if (Number.isInteger(count)) setChosen(Math.min(MOST, Math.max(1, count)));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wanted !== now && !why) scale.mutate(wanted, { onSuccess: () => setChosen(null) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") setChosen(null);
  };
  return (
    <form className={styles.scale} onSubmit={submit} title={why ?? undefined}>
      <label htmlFor={id}>{text.scale}</label>
      <span className={styles.stepper}>
        <Button
          look="quiet"
          icon
          aria-label={text.fewer}
          why={why}
          disabled={wanted <= 1}
          onClick={() => choose(wanted - 1)}
        >
          <Minus aria-hidden />
        </Button>
        <input
          id={id}
          type="number"
          inputMode="numeric"
          min={1}
          max={MOST}
          value={wanted}
          readOnly={Boolean(why)}
          onChange={(event) => choose(event.target.valueAsNumber)}
          onFocus={(event) => event.target.select()}
          onKeyDown={onKeyDown}
          aria-describedby={`${id}-then`}
        />
        <Button
          look="quiet"
          icon
          aria-label={text.more}
          why={why}
          disabled={wanted >= MOST}
          onClick={() => choose(wanted + 1)}
        >
          <Plus aria-hidden />
        </Button>
      </span>
      {wanted === now ? null : (
        <Button look="primary" type="submit" busy={scale.isPending}>
          {scale.isPending ? text.applying : text.apply(wanted)}
        </Button>
      )}
      <span className={`meta ${styles.then}`} id={`${id}-then`} role="status">
        {wanted === now ? "" : consequence(environment, wanted)}
      </span>
      <Problem error={scale.error} />
    </form>
  );
}
