import type { TransferBody } from "stockcast-client";

/** Why so much cannot be moved; null: it can. */
export function moveProblem(units: number, there: number, quantity: (units: number) => string): string | null {
  if (!Number.isFinite(units) || units <= 0) return "Enter a quantity above 0.";
  return units > there ? `Only ${quantity(there)} are there.` : null;
}

/** The move that takes another back: from where it went, while there is still what was there before and what came. */
export const backAgain = (made: TransferBody, stockBefore: number): TransferBody => ({
  item_id: made.item_id,
  from_location_id: made.to_location_id,
  to_location_id: made.from_location_id,
  quantity: made.quantity,
  expected_stock: Math.round((stockBefore + made.quantity) * 1000) / 1000,
  reason: "Taken back",
});
