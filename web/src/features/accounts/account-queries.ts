/** One's browsers and second factor. No event tells of their changes: each page asks anew. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/client";
import { allPages } from "@/lib/queries";

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: () =>
    allPages((query) =>
      ask(api.GET("/api/v1/account/sessions", { params: { query: { limit: 200, ...query } } })),
    ),
  staleTime: 0,
});

export const factorsQuery = queryOptions({
  queryKey: ["second-factor"],
  queryFn: () => ask(api.GET("/api/v1/account/second-factor")),
  staleTime: 0,
});

export const passkeysQuery = queryOptions({
  queryKey: ["passkeys"],
  queryFn: () => ask(api.GET("/api/v1/account/second-factor/passkeys")),
  staleTime: 0,
});
