import { queryOptions } from "@tanstack/react-query";
import { listLocations } from "stockcast-client";
import { call } from "./client";

/** Every place where stock is kept. */
export const locations = () =>
  queryOptions({
    queryKey: ["locations", "all"],
    queryFn: ({ signal }) => call(listLocations({ query: { page_size: 200 }, signal })),
    staleTime: 5 * 60_000,
  });
