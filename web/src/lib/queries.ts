/** What the pages ask for. Nothing polls: the event stream patches these entries (`patch.ts`). */
import { infiniteQueryOptions, MutationCache, QueryClient, queryOptions } from "@tanstack/react-query";
import { api, ask } from "./client";
import { ApiProblem } from "./problem";
import type { Page, Project } from "./types";

/** How many rows one request of a list asks for. */
export const PAGE_SIZE = 50;
/** Of a list that is shown whole: the most one request may ask for. */
const WHOLE_PAGE = 200;

export const newQueryClient = () => {
  const client: QueryClient = new QueryClient({
    mutationCache: new MutationCache({
      onError: (error) => {
        // Somebody changed what one may do: the buttons are to say so too.
        if (error instanceof ApiProblem && error.status === 403)
          void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      },
    }),
    defaultOptions: {
      mutations: { networkMode: "always" }, // waiting for the network, it would act long after its dialog
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        // A refusal stays one; only a server that could not be reached, or that stumbled, is asked again.
        retry: (count, error) =>
          count < 2 && (!(error instanceof ApiProblem) || error.status === 0 || error.status >= 502),
      },
    },
  });
  return client;
};

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => ask(api.GET("/api/v1/session")),
  // A hidden tab's stream is let go.
  refetchOnWindowFocus: "always",
});

/** One's teams, and those deleted that one can still restore. */
export const teamsQuery = queryOptions({
  queryKey: ["teams"],
  queryFn: () => ask(api.GET("/api/v1/teams")),
});

export const teamQuery = (id: string) =>
  queryOptions({
    queryKey: ["team", id],
    queryFn: () => ask(api.GET("/api/v1/teams/{team_id}", { params: { path: { team_id: id } } })),
    refetchOnWindowFocus: "always",
  });

/** Who has another role in a project than in its team. */
export const projectRolesQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project-roles", projectId],
    queryFn: () =>
      ask(api.GET("/api/v1/projects/{project_id}/roles", { params: { path: { project_id: projectId } } })),
  });

/** All of a list that is shown whole; the server pages it. `begun` hears of what there is before the rest comes. */
export async function allPages<Item>(
  read: (query: { cursor?: string }) => Promise<Page<Item>>,
  begun?: (first: Page<Item>) => void,
): Promise<Page<Item>> {
  const items: Item[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await read(cursor ? { cursor } : {});
    items.push(...page.items);
    if (page.next_cursor && !cursor) begun?.(page);
    cursor = page.next_cursor;
  } while (cursor);
  return { items, next_cursor: null };
}

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ client, queryKey }) =>
    allPages(
      ({ cursor }) =>
        // The first page fills the sight and is asked for early (`early.ts`).
        ask(
          api.GET("/api/v1/projects", {
            params: { query: cursor ? { limit: WHOLE_PAGE, cursor } : { limit: PAGE_SIZE } },
          }),
        ),
      // The newest are shown while the others come; a list that is there already stays whole meanwhile.
      (first) => client.setQueryData(queryKey, (before: Page<Project> | undefined) => before ?? first),
    ),
});

export const projectQuery = (id: string) =>
  queryOptions({
    queryKey: ["project", id],
    queryFn: () => ask(api.GET("/api/v1/projects/{project_id}", { params: { path: { project_id: id } } })),
  });

export const deploymentsPage = (projectId: string, cursor?: string) =>
  ask(
    api.GET("/api/v1/projects/{project_id}/deployments", {
      params: { path: { project_id: projectId }, query: { limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) } },
    }),
  );

export const deploymentsQuery = (projectId: string) =>
  queryOptions({ queryKey: ["deployments", projectId], queryFn: () => deploymentsPage(projectId) });

export const deploymentQuery = (id: string) =>
  queryOptions({
    queryKey: ["deployment", id],
    queryFn: () =>
      ask(api.GET("/api/v1/deployments/{deployment_id}", { params: { path: { deployment_id: id } } })),
  });

/** How a deployment's image came to be; null while no build has begun. */
export const buildQuery = (deploymentId: string) =>
  queryOptions({
    queryKey: ["build", deploymentId],
    queryFn: () =>
      ask(
        api.GET("/api/v1/deployments/{deployment_id}/build", {
          params: { path: { deployment_id: deploymentId } },
        }),
      ).catch((error: unknown) => {
        if (error instanceof ApiProblem && error.code === "no_build") return null;
        throw error;
      }),
  });

/** What a deployment changed against the release that was live before it. */
export const changesQuery = (deploymentId: string) =>
  queryOptions({
    queryKey: ["changes", deploymentId],
    queryFn: () =>
      ask(
        api.GET("/api/v1/deployments/{deployment_id}/changes", {
          params: { path: { deployment_id: deploymentId } },
        }),
      ),
  });

/** Releases are few at first sight; older ones come when asked for. */
export const RELEASES_SHOWN = 5;

export const releasesQuery = (environmentId: string) =>
  infiniteQueryOptions({
    queryKey: ["releases", environmentId],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/v1/environments/{environment_id}/releases", {
          params: {
            path: { environment_id: environmentId },
            query: { limit: RELEASES_SHOWN, ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
  });

export const instancesQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ["instances", environmentId],
    queryFn: () =>
      allPages((query) =>
        ask(api.GET("/api/v1/instances", { params: { query: { environment: environmentId, ...query } } })),
      ),
  });

export const variablesQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ["variables", environmentId],
    queryFn: () =>
      ask(
        api.GET("/api/v1/environments/{environment_id}/variables", {
          params: { path: { environment_id: environmentId } },
        }),
      ),
  });

/** The instances of all projects of the team: for what runs, and whether it is well. */
export const teamInstancesQuery = queryOptions({
  queryKey: ["team-instances"],
  queryFn: () =>
    allPages((query) =>
      ask(api.GET("/api/v1/instances", { params: { query: { limit: WHOLE_PAGE, ...query } } })),
    ),
});

export const workerInstancesQuery = (worker: string) =>
  queryOptions({
    queryKey: ["worker-instances", worker],
    queryFn: () =>
      allPages((query) =>
        ask(api.GET("/api/v1/instances", { params: { query: { worker, limit: WHOLE_PAGE, ...query } } })),
      ),
  });

/** The newest deployments of all projects; older ones come when asked for. */
export const RECENT_SHOWN = 10;

export const recentDeploymentsPage = (cursor?: string) =>
  ask(
    api.GET("/api/v1/deployments", {
      params: { query: { limit: cursor ? PAGE_SIZE : RECENT_SHOWN, ...(cursor ? { cursor } : {}) } },
    }),
  );

export const recentDeploymentsQuery = queryOptions({
  queryKey: ["recent-deployments"],
  queryFn: () => recentDeploymentsPage(),
});

export const workersQuery = queryOptions({
  queryKey: ["workers"],
  queryFn: () =>
    allPages((query) =>
      ask(api.GET("/api/v1/workers", { params: { query: { limit: WHOLE_PAGE, ...query } } })),
    ),
});

export const workerQuery = (id: string) =>
  queryOptions({
    queryKey: ["worker", id],
    queryFn: () => ask(api.GET("/api/v1/workers/{worker_id}", { params: { path: { worker_id: id } } })),
  });

/** How much of each worker the instances of all teams take. */
export const workerLoadsQuery = queryOptions({
  queryKey: ["worker-loads"],
  queryFn: () => allPages((query) => ask(api.GET("/api/v1/worker-loads", { params: { query } }))),
});

export const platformQuery = queryOptions({
  queryKey: ["platform"],
  queryFn: () => ask(api.GET("/api/v1/platform")),
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: () => allPages((query) => ask(api.GET("/api/v1/account/tokens", { params: { query } }))),
  // No event tells of them: programs use them, and other tabs and commands make them.
  staleTime: 0,
  refetchOnWindowFocus: "always",
});
