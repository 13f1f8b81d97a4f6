import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { getDashboard, getInventoryTrends } from "stockcast-client";
import { call } from "./client";

export const dashboard = (locationId?: string) =>
  queryOptions({
    queryKey: ["dashboard", locationId ?? null],
    queryFn: ({ signal }) => call(getDashboard({ query: { location_id: locationId }, signal })),
    placeholderData: keepPreviousData,
  });

/** A figure a week over the last year. */
export const trends = (fromDate: string, locationId?: string) =>
  queryOptions({
    queryKey: ["trends", fromDate, locationId ?? null],
    queryFn: ({ signal }) =>
      call(getInventoryTrends({ query: { from_date: fromDate, interval: "week", location_id: locationId }, signal })),
    placeholderData: keepPreviousData,
  });
