import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  dismissRecommendation,
  type ListRecommendationsData,
  listRecommendations,
  restoreRecommendation,
} from "stockcast-client";
import { call, queries } from "./client";

export type RecommendationsQuery = NonNullable<ListRecommendationsData["query"]>;

export const recommendations = (query: RecommendationsQuery) =>
  queryOptions({
    queryKey: ["recommendations", query],
    queryFn: ({ signal }) => call(listRecommendations({ query, signal })),
    placeholderData: keepPreviousData,
  });

export async function dismiss(id: string, until: string | null, reason: string | null) {
  await call(dismissRecommendation({ path: { recommendation_id: id }, body: { until, reason } }));
  await dismissedChanged();
}

export async function restore(id: string) {
  await call(restoreRecommendation({ path: { recommendation_id: id } }));
  await dismissedChanged();
}

/** What is put aside is neither recommended nor suggested to be ordered. */
const dismissedChanged = () =>
  Promise.all(["recommendations", "suggestions"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
