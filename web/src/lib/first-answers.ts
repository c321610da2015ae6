/** What a page waits for before it is drawn for the first time. */
import type { QueryClient } from "@tanstack/react-query";
import { projectsQuery, sessionQuery } from "./queries";

/** Asks for what every page waits for and, for the lists, their first page; resolves when it is there or refused. */
export function firstAnswers(client: QueryClient): Promise<void> {
  const queries = /^\/(projects)?$/.test(location.pathname) ? [sessionQuery, projectsQuery] : [sessionQuery];
  const cache = client.getQueryCache();
  return new Promise((resolve) => {
    const look = () => {
      const session = client.getQueryState(sessionQuery.queryKey);
      const settled = queries.every(({ queryKey }) => client.getQueryState(queryKey)?.status !== "pending");
      if (!session || !(settled || session.status === "error")) return;
      stop();
      resolve();
    };
    const stop = cache.subscribe(look);
    for (const query of queries) void client.prefetchQuery(query as typeof sessionQuery);
  });
}
