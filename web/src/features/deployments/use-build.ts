/** A deployment's build, and the step of it whose lines are shown alone. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { buildQuery } from "@/lib/queries";
import type { Build, Deployment } from "@/lib/types";

export type OpenBuild = {
  /** undefined while it is on its way, null when there is none. */
  build: Build | null | undefined;
  chosen: number | null;
  choose: (step: number | null) => void;
};

export function useBuild(deployment: Deployment): OpenBuild {
  const begun = deployment.phases.some(({ phase }) => phase === "checked_out" || phase === "built");
  const { data, isError } = useQuery({ ...buildQuery(deployment.id), enabled: begun });
  const [chosen, choose] = useState<number | null>(null);
  return { build: !begun || isError ? null : data, chosen, choose };
}
