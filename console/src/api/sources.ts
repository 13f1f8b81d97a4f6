import { queryOptions } from "@tanstack/react-query";
import {
  deleteSource,
  getSource,
  type ImportKind,
  listSources,
  putSource,
  type SourceBody,
  type SourceView,
  type SyncBody,
  startSync,
  testSource,
} from "stockcast-client";
import { call, ifMatch, type Versioned, versioned } from "./client";

/** The client's databases that are read. */
export const sources = () =>
  queryOptions({
    queryKey: ["sources", "list"],
    queryFn: ({ signal }) => call(listSources({ query: { page_size: 200 }, signal })),
  });

export const source = (sourceId: string) =>
  queryOptions({
    queryKey: ["sources", "source", sourceId],
    queryFn: ({ signal }): Promise<Versioned<SourceView>> =>
      versioned(getSource({ path: { source_id: sourceId }, signal })),
    staleTime: 0,
  });

export const saveSource = (sourceId: string, body: SourceBody, etag: string | null) =>
  call(putSource({ path: { source_id: sourceId }, body, headers: ifMatch(etag) }));

export const forgetSource = (sourceId: string, etag: string | null) =>
  call(deleteSource({ path: { source_id: sourceId }, headers: ifMatch(etag) }));

export const tryOutSource = (sourceId: string) => call(testSource({ path: { source_id: sourceId } }));

export const syncNow = (kind: ImportKind, body: SyncBody, key: { "Idempotency-Key": string }) =>
  call(startSync({ path: { kind }, body, headers: key }));
