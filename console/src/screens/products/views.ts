/** Views that a user has saved: a name for an address. */

export interface View {
  name: string;
  /** The query of the address: filters, order and columns. */
  query: string;
}

/** What of an address a view keeps: all but the page and whose data it is. */
export function viewOf(search: URLSearchParams, columns: readonly string[] | null): string {
  const kept = new URLSearchParams(search);
  for (const name of ["page", "client_id"]) kept.delete(name);
  if (columns && !kept.has("columns")) kept.set("columns", columns.join(","));
  kept.sort();
  return kept.toString();
}

/** The views with this one; one of the same name is replaced. */
export const saved = (views: readonly View[], view: View): View[] =>
  [...views.filter(({ name }) => name !== view.name), view].sort((a, b) => a.name.localeCompare(b.name));

export const renamed = (views: readonly View[], from: string, to: string): View[] => {
  const view = views.find(({ name }) => name === from);
  return view && to !== from ? saved(without(views, from), { ...view, name: to }) : [...views];
};

export const without = (views: readonly View[], name: string): View[] => views.filter((view) => view.name !== name);
