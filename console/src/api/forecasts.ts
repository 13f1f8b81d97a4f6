import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type GetForecastAccuracyData, getForecastAccuracy, listForecastRuns, startForecast } from "stockcast-client";
import { call } from "./client";

export type AccuracyQuery = NonNullable<GetForecastAccuracyData["query"]>;

/** How good frozen forecasts were, by what the query groups them. */
export const accuracy = (query: AccuracyQuery) =>
  queryOptions({
    queryKey: ["accuracy", query],
    queryFn: ({ signal }) => call(getForecastAccuracy({ query, signal })),
    placeholderData: keepPreviousData,
    // Forecasts are compared with sales once a night.
    staleTime: 10 * 60_000,
  });

export const forecastRuns = (pageSize: number) =>
  queryOptions({
    queryKey: ["forecasts", "runs", pageSize],
    queryFn: ({ signal }) => call(listForecastRuns({ query: { page_size: pageSize }, signal })),
  });

export const forecastNow = (key: { "Idempotency-Key": string }) => call(startForecast({ body: {}, headers: key }));
