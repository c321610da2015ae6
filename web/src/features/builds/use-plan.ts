/** Looking into a repository: what would be built of it, asked for when one has stopped typing. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { api, ask } from "@/lib/client";
import { ApiProblem } from "@/lib/problem";
import type { Plan, PlanAsked, Project } from "@/lib/types";

const QUIET_MS = 700;
const TURN_MS = 1500;
/** A look takes up to half a minute, and the last one may still have its turn. */
const TURNS = 20;

/** The value once it has not changed for a moment, and the way to have it at once. */
export function useSettled<Value>(value: Value): [Value, () => void] {
  const [settled, setSettled] = useState(value);
  const key = JSON.stringify(value);
  const settle = useCallback(() => setSettled(JSON.parse(key) as Value), [key]);
  useEffect(() => {
    const timer = setTimeout(settle, QUIET_MS);
    return () => clearTimeout(timer);
  }, [settle]);
  return [settled, settle];
}

const retry = (count: number, error: Error) =>
  error instanceof ApiProblem && (error.status === 429 ? count < TURNS : error.status === 0 && count < 2);

export type Look = {
  plan: Plan | undefined;
  error: Error | null;
  looking: boolean;
  /** What is shown is of what was asked before. */
  old: boolean;
  stop: () => void;
  again: () => void;
};

function useLook(
  key: readonly unknown[],
  queryFn: (context: { signal: AbortSignal }) => Promise<Plan>,
  on: boolean,
): Look {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: key,
    queryFn,
    enabled: on,
    retry,
    retryDelay: TURN_MS,
    placeholderData: keepPreviousData,
  });
  return {
    plan: on ? query.data : undefined,
    error: on && !query.isFetching ? query.error : null,
    looking: query.isFetching,
    old: query.isPlaceholderData || query.isFetching,
    stop: () => void client.cancelQueries({ queryKey: key, exact: true }),
    again: () => void query.refetch(),
  };
}

/** The plan for settings that are typed and stored nowhere; nothing is asked while they are null. */
export function usePlan(asked: PlanAsked | null): Look {
  return useLook(
    ["plan", asked],
    ({ signal }) => ask(api.POST("/api/v1/plans", { body: asked as PlanAsked, signal })),
    asked !== null,
  );
}

/** The plan for what is set of a project. A new commit and a change of its settings ask anew. */
export function useProjectPlan(project: Project, on: boolean): Look {
  const path = { project_id: project.id };
  return useLook(
    ["plan", project.id, project.settings_version, project.last_seen?.commit],
    ({ signal }) => ask(api.GET("/api/v1/projects/{project_id}/plan", { params: { path }, signal })),
    on,
  );
}
