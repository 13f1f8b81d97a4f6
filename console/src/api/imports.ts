import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  type Aggregate,
  deleteMapping,
  type FileImportForm,
  getImportRun,
  getMapping,
  getTemplate,
  type ImportKind,
  importFile,
  type ListImportRunsData,
  listImportRejects,
  listImportRuns,
  listMappings,
  type MappingBody,
  type MappingView,
  putMapping,
} from "stockcast-client";
import { hasEnded } from "stockcast-client/operations";
import { ApiError, answered, call, ifMatch, versioned } from "./client";

export type ImportsQuery = NonNullable<ListImportRunsData["query"]>;

export const importRuns = (query: ImportsQuery) =>
  queryOptions({
    queryKey: ["imports", "list", query],
    queryFn: ({ signal }) => call(listImportRuns({ query, signal })),
    placeholderData: keepPreviousData,
  });

/** An import, asked for each second until it ends. */
export const importRun = (runId: string) =>
  queryOptions({
    queryKey: ["operations", runId, "import"],
    queryFn: ({ signal }) => call(getImportRun({ path: { run_id: runId }, signal })),
    refetchInterval: ({ state }) => (state.data && hasEnded(state.data) ? false : 1000),
  });

/** The first records that were not taken. */
export const rejects = (runId: string, page: number, pageSize = 10) =>
  queryOptions({
    queryKey: ["imports", "rejects", runId, page, pageSize],
    queryFn: ({ signal }) =>
      call(listImportRejects({ path: { run_id: runId }, query: { page, page_size: pageSize }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 10 * 60_000,
  });

/** All records that were not taken, as CSV. */
export const rejectsFile = (runId: string) =>
  answered(
    listImportRejects({ path: { run_id: runId }, query: { format: "csv" }, parseAs: "blob" }) as unknown as Promise<{
      data?: Blob;
      response?: Response;
    }>,
  );

/** A file to fill in. */
export const templateFile = (kind: ImportKind, format: "csv" | "xlsx", aggregate: Aggregate) =>
  answered(
    getTemplate({ path: { kind }, query: { format, aggregate }, parseAs: "blob" }) as unknown as Promise<{
      data?: Blob;
      response?: Response;
    }>,
  );

export const startImport = (body: FileImportForm, key?: { "Idempotency-Key": string }) =>
  call(importFile({ body, headers: key }));

/** How the client's files of each kind are read, as far as it was saved. */
export const savedMappings = () =>
  queryOptions({
    queryKey: ["mappings"],
    queryFn: ({ signal }) => call(listMappings({ query: { page_size: 200 }, signal })),
  });

/** The version of what is saved now; null: nothing is. Throws where it is no longer what the user has seen. */
async function versionSeen(kind: ImportKind, seen: MappingView | null): Promise<string | null> {
  if (!seen) return null;
  const { value, etag } = await versioned(getMapping({ path: { kind } }));
  if (value.updated_at !== seen.updated_at) {
    throw new ApiError("Somebody else has saved another mapping meanwhile. Look at it before you replace it.");
  }
  return etag;
}

export const saveMapping = async (kind: ImportKind, body: MappingBody, seen: MappingView | null) =>
  call(putMapping({ path: { kind }, body, headers: ifMatch(await versionSeen(kind, seen)) }));

export const forgetMapping = async (kind: ImportKind, seen: MappingView) =>
  call(deleteMapping({ path: { kind }, headers: ifMatch(await versionSeen(kind, seen)) }));
