import type { CartGroup, CartLineView } from "stockcast-client";

/** One request orders so many lines at most. */
export const MOST_LINES = 1000;

/** The lines that cannot be ordered as they are. */
export const wrongLines = ({ lines }: CartGroup): CartLineView[] => lines.filter((line) => line.error !== null);

/** Those first that cannot be ordered: they are what one has to see to. */
export const wrongFirst = (lines: readonly CartLineView[]): CartLineView[] => [
  ...lines.filter((line) => line.error !== null),
  ...lines.filter((line) => line.error === null),
];

/** The suppliers of which everything can be ordered: an order is placed whole, or not at all. */
export const orderable = (groups: readonly CartGroup[]): CartGroup[] =>
  groups.filter((group) => wrongLines(group).length === 0);

export interface Chosen {
  groups: CartGroup[];
  lines: number;
  cost: number;
}

/** What of the suppliers is ordered, and what it comes to. */
export function chosenOf(groups: readonly CartGroup[], without: ReadonlySet<string>): Chosen {
  const chosen = orderable(groups).filter(({ supplier_id }) => !without.has(supplier_id));
  return {
    groups: chosen,
    lines: chosen.reduce((sum, { lines }) => sum + lines.length, 0),
    cost: Math.round(chosen.reduce((sum, { total_cost }) => sum + total_cost, 0) * 100) / 100,
  };
}
