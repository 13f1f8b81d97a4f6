import { queryOptions } from "@tanstack/react-query";
import { getOperation, type OperationView } from "stockcast-client";
import { call } from "./client";

const ENDED: readonly OperationView["status"][] = ["succeeded", "failed", "cancelled"];

export const hasEnded = ({ status }: OperationView): boolean => ENDED.includes(status);

/** Long work, asked for each second until it ends. */
export const operation = (operationId: string) =>
  queryOptions({
    queryKey: ["operations", operationId],
    queryFn: ({ signal }) => call(getOperation({ path: { operation_id: operationId }, signal })),
    refetchInterval: ({ state }) => (state.data && hasEnded(state.data) ? false : 1000),
  });
