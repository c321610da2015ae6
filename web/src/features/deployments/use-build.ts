/** A deployment's build. */
import { useQuery } from "@tanstack/react-query";
import { buildQuery } from "@/lib/queries";
import type { Build, Deployment } from "@/lib/types";

/** A build as the page has it open: the step whose lines are shown alone is the page's to know. */
export type OpenBuild = {
  build: Build | null | undefined;
  chosen: number | null;
  choose: (step: number | null) => void;
};

/** undefined while it is on its way, null when there is none. */
export function useBuild(deployment: Deployment): Build | null | undefined {
  const begun = deployment.phases.some(({ phase }) => phase === "checked_out" || phase === "built");
  const { data, isError } = useQuery({ ...buildQuery(deployment.id), enabled: begun });
  return !begun || isError ? null : data;
}
