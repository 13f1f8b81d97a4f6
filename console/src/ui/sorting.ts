/** `-stockout_risk,product_name`, as the API's lists take it, and the table's own form of it. */

export interface SortBy {
  id: string;
  desc: boolean;
}

export const parseSort = (text: string | null | undefined): SortBy[] =>
  (text ?? "")
    .split(",")
    .filter(Boolean)
    .map((part) => (part.startsWith("-") ? { id: part.slice(1), desc: true } : { id: part, desc: false }));

export const sortText = (sorting: readonly SortBy[]): string =>
  sorting.map(({ id, desc }) => (desc ? `-${id}` : id)).join(",");
