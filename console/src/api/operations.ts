import { queryOptions } from "@tanstack/react-query";
import { getOperation } from "stockcast-client";
import { hasEnded } from "stockcast-client/operations";
import { call } from "./client";

/** Long work, asked for each second until it ends. */
export const operation = (operationId: string) =>
  queryOptions({
    queryKey: ["operations", operationId],
    queryFn: ({ signal }) => call(getOperation({ path: { operation_id: operationId }, signal })),
    refetchInterval: ({ state }) => (state.data && hasEnded(state.data) ? false : 1000),
  });
