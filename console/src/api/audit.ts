import { infiniteQueryOptions } from "@tanstack/react-query";
import { type ListAuditEntriesData, listAuditEntries } from "stockcast-client";
import { call } from "./client";

export type AuditQuery = NonNullable<ListAuditEntriesData["query"]>;

/** Who changed what, the latest first; more by the token of the page before. */
export const audit = (query: AuditQuery) =>
  infiniteQueryOptions({
    queryKey: ["audit", query],
    queryFn: ({ pageParam, signal }) =>
      call(listAuditEntries({ query: { ...query, page_size: 50, page_token: pageParam || undefined }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_page_token,
  });
