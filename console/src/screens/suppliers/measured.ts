/** Suppliers beside what their orders say of them: the lists are of two requests. */
import type { SupplierRow, SupplierView } from "stockcast-client";
import { parseSort, sortText } from "../../ui/sorting";

export interface Measured extends SupplierView {
  measured: SupplierRow | null;
}

const FIGURES = ["lead_time_days_mean", "otif", "fill_rate", "spend"] as const;
type Figure = (typeof FIGURES)[number];

const isFigure = (id: string): id is Figure => (FIGURES as readonly string[]).includes(id);

/** The columns by which the API sorts. */
export const storedSort = (sort: string | null): string | undefined =>
  sortText(parseSort(sort).filter(({ id }) => !isFigure(id))) || undefined;

/** The suppliers of a page with their figures, sorted by a figure if that is asked for; those without one come last. */
export function withFigures(
  suppliers: readonly SupplierView[],
  figures: readonly SupplierRow[] | undefined,
  sort: string | null,
): Measured[] {
  const bySupplier = new Map(figures?.map((row) => [row.supplier_id, row]));
  const rows = suppliers.map((supplier) => ({ ...supplier, measured: bySupplier.get(supplier.supplier_id) ?? null }));
  const by = parseSort(sort)[0];
  if (!by || !isFigure(by.id)) return rows;
  const figure = by.id;
  const value = (row: Measured): number | null => row.measured?.[figure] ?? null;
  return rows.sort((one, other) => {
    const [first, second] = [value(one), value(other)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return by.desc ? second - first : first - second;
  });
}
