import type { AddSuggestionsBody } from "stockcast-client";
import type { SuggestionsQuery, TransfersQuery } from "../../api/planning";

export const PAGE_SIZE = 50;

/** What narrows the suggestions. */
export const FILTERS = ["supplier_id", "category", "location_id", "min_risk", "top", "budget"] as const;

export const isFiltered = (search: URLSearchParams): boolean => FILTERS.some((name) => search.has(name));

const number = (text: string | null): number | undefined => (text ? Number(text) : undefined);
const several = (values: string[]): string[] | undefined => (values.length ? values : undefined);

/** The suggestions that the address asks for, by the API's own names. */
export const suggestionsQuery = (search: URLSearchParams): SuggestionsQuery => ({
  page: number(search.get("page")),
  page_size: PAGE_SIZE,
  supplier_id: several(search.getAll("supplier_id")),
  category: several(search.getAll("category")),
  location_id: search.get("location_id") ?? undefined,
  min_risk: number(search.get("min_risk")),
  top: number(search.get("top")),
  budget: number(search.get("budget")),
});

export const transfersQuery = (search: URLSearchParams): TransfersQuery => ({
  page: number(search.get("page")),
  page_size: PAGE_SIZE,
  from_location_id: several(search.getAll("from_location_id")),
  to_location_id: several(search.getAll("to_location_id")),
  category: several(search.getAll("category")),
});

/** The same filters as a request to add what they leave; null: it takes one supplier and one category, not several. */
export function additionFilters(query: SuggestionsQuery): AddSuggestionsBody | null {
  const { supplier_id: suppliers = [], category: categories = [], page: _page, page_size: _size, ...same } = query;
  if (suppliers.length > 1 || categories.length > 1) return null;
  return JSON.parse(JSON.stringify({ ...same, supplier_id: suppliers[0], category: categories[0] }));
}

/** Whether the lines are some of the supplier's, chosen by number or money: a filter by supplier would choose others. */
export const limited = ({ top, budget }: SuggestionsQuery): boolean => top !== undefined || budget !== undefined;
