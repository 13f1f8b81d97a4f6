import type { ArrivedLine, OrderedItem } from "stockcast-client";

/** What was entered as arrived, by item: as text, until it is sent. */
export type Entered = Readonly<Record<string, string>>;

/** Everything that is still to come. */
export const everything = (items: readonly OrderedItem[]): Entered =>
  Object.fromEntries(
    items.filter(({ outstanding }) => outstanding > 0).map((item) => [item.item_id, String(item.outstanding)]),
  );

/** The lines of a receipt: what is empty or 0 has not arrived. */
export const arrivedLines = (entered: Entered): ArrivedLine[] =>
  Object.entries(entered)
    .map(([item_id, text]) => ({ item_id, quantity: Number(text) }))
    .filter(({ quantity }) => quantity > 0);

/** Why a quantity cannot be received; undefined: it can, as far as can be seen here. */
export function problemOf(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  const quantity = Number(text);
  if (!Number.isFinite(quantity) || quantity < 0) return "A number of 0 or more";
  if (!/^\d*\.?\d{0,3}$/.test(text.trim())) return "At most three decimal places";
  return undefined;
}
