/** What the audit log asks for. It is not live: whoever reads it reads a list that stands still. */
import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import type { Asked } from "@/features/audit/wanted";
import { api, ask } from "./client";
import { PAGE_SIZE } from "./queries";

export const auditQuery = (asked: Asked) =>
  infiniteQueryOptions({
    queryKey: ["audit", asked],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/v1/audit-events", {
          params: { query: { ...asked, limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
    // Opened anew it is asked anew.
    staleTime: 0,
    // A list that is asked for anew stands until the new one is there.
    placeholderData: keepPreviousData,
  });
