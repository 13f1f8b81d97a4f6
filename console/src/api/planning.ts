import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  type AddSuggestionsBody,
  addSuggestionsToCart,
  createTransfer,
  type ListSuggestedTransfersData,
  type ListSuggestionsData,
  listSuggestedTransfers,
  listSuggestions,
  type TransferBody,
} from "stockcast-client";
import { call, queries } from "./client";
import { once } from "./once";

export type SuggestionsQuery = NonNullable<ListSuggestionsData["query"]>;
export type TransfersQuery = NonNullable<ListSuggestedTransfersData["query"]>;

/** What to order now, by supplier; pages count lines. */
export const suggestions = (query: SuggestionsQuery) =>
  queryOptions({
    queryKey: ["suggestions", query],
    queryFn: ({ signal }) => call(listSuggestions({ query, signal })),
    placeholderData: keepPreviousData,
  });

/** What to move between locations before more is bought. */
export const suggestedTransfers = (query: TransfersQuery) =>
  queryOptions({
    queryKey: ["transfers", "suggested", query],
    queryFn: ({ signal }) => call(listSuggestedTransfers({ query, signal })),
    placeholderData: keepPreviousData,
  });

/** Put suggestions into the cart: those in quantities of their own, then what else is asked for. */
export const addSuggestions = (body: AddSuggestionsBody) =>
  once(["suggestions into the cart", body], (headers) => call(addSuggestionsToCart({ body, headers })));

export const moveStock = (body: TransferBody) =>
  once(["move stock", body], (headers) => call(createTransfer({ body, headers })));

/** Stock or planning has changed: so has nearly every list. */
export const stockChanged = () => queries.invalidateQueries();

/** What is in the cart has changed, and what of the suggestions is marked as being there. */
export const cartChanged = () =>
  Promise.all(["cart", "suggestions"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
