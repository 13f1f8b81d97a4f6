/** Daily runs: operations whose steps are operations of their own. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  cancelOperation,
  type EtlRunOperation,
  listOperations,
  type OperationKind,
  type OperationView,
  retryOperation,
  startEtlRun,
} from "stockcast-client";
import { hasEnded } from "stockcast-client/operations";
import { call } from "./client";

const STEP_KINDS: readonly OperationKind[] = [
  "etl_sync.locations",
  "etl_sync.products",
  "etl_sync.suppliers",
  "etl_sync.product-suppliers",
  "etl_sync.stock-levels",
  "etl_sync.committed",
  "etl_sync.sales-history",
  "etl_validation",
  "forecast",
  "metrics_refresh",
];
const NEWEST_STEPS = 60;
/** While a run is at work. */
const EVERY_MS = 2000;

export interface RunPage {
  items: EtlRunOperation[];
  page: number;
  page_size: number;
  total: number;
}

export const dailyRuns = (page: number) =>
  queryOptions({
    queryKey: ["operations", "daily runs", page],
    queryFn: async ({ signal }): Promise<RunPage> => {
      const answer = await call(listOperations({ query: { kind: ["etl_run"], page, page_size: 10 }, signal }));
      return { ...answer, items: answer.items.filter((run) => run.kind === "etl_run") };
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.items.some((run) => !hasEnded(run)) ? EVERY_MS : false),
  });

/** The newest operations that steps of runs were: how long each took, and what it read. */
export const runSteps = (atWork: boolean) =>
  queryOptions({
    queryKey: ["operations", "steps of runs"],
    queryFn: async ({ signal }): Promise<OperationView[]> =>
      (await call(listOperations({ query: { kind: [...STEP_KINDS], page_size: NEWEST_STEPS }, signal }))).items,
    refetchInterval: atWork ? EVERY_MS : false,
  });

export const startDailyRun = (key: { "Idempotency-Key": string }) => call(startEtlRun({ body: {}, headers: key }));

export const tryAgain = (operationId: string, key: { "Idempotency-Key": string }) =>
  call(retryOperation({ path: { operation_id: operationId }, headers: key }));

export const cancel = (operationId: string) => call(cancelOperation({ path: { operation_id: operationId } }));
