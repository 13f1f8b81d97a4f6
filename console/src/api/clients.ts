import { queryOptions } from "@tanstack/react-query";
import { listClients } from "stockcast-client";
import { call } from "./client";

export const clients = () =>
  queryOptions({
    queryKey: ["clients"],
    queryFn: ({ signal }) => call(listClients({ query: { page_size: 200 }, signal })),
    staleTime: 5 * 60_000,
  });
