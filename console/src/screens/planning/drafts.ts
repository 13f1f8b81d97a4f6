import type { AddSuggestionsBody, ChosenItem, Suggestion, SuggestionGroup } from "stockcast-client";
import { linePrice, parseQuantity, type QuantityProblem, quantityProblem } from "../../ui/quantity";

/** What was entered in the place of a suggested quantity. */
export interface Draft {
  text: string;
  line: Suggestion;
  supplierId: string;
}

/** By item; an item is suggested from one supplier. */
export type Drafts = ReadonlyMap<string, Draft>;

/** Enter a quantity of a line; the suggested one is no draft. */
export function entered(drafts: Drafts, line: Suggestion, supplierId: string, text: string): Drafts {
  const next = new Map(drafts);
  if (parseQuantity(text) === line.order_quantity) next.delete(line.item_id);
  else next.set(line.item_id, { text, line, supplierId });
  return next;
}

export const without = (drafts: Drafts, itemIds: Iterable<string>): Drafts => {
  const next = new Map(drafts);
  for (const itemId of itemIds) next.delete(itemId);
  return next;
};

/** How much of a line is to be ordered, for all locations together. */
export const orderedOf = (line: Suggestion, drafts: Drafts): number => {
  const draft = drafts.get(line.item_id);
  return draft ? parseQuantity(draft.text) : line.order_quantity;
};

export const problemOf = (line: Suggestion, drafts: Drafts): QuantityProblem | null =>
  drafts.has(line.item_id) ? quantityProblem(orderedOf(line, drafts), line) : null;

/** What a line costs in the quantity to be ordered; null: it has no price, or what was entered is no number. */
export function priceOf(line: Suggestion, drafts: Drafts): number | null {
  if (line.unit_cost === null) return null;
  if (!drafts.has(line.item_id) && line.order_quantity === line.quantity) return line.total_price;
  const units = orderedOf(line, drafts);
  return Number.isFinite(units) ? linePrice(units, line.unit_cost) : null;
}

/** By how much what was entered changes what a supplier's order costs. */
export function draftedChange(supplierId: string | null, drafts: Drafts): number {
  let change = 0;
  for (const { line, supplierId: theirs } of drafts.values()) {
    if (theirs !== supplierId || line.in_cart) continue;
    const price = priceOf(line, drafts);
    if (price !== null && line.unit_cost !== null) change += price - linePrice(line.order_quantity, line.unit_cost);
  }
  return pennies(change);
}

/** The items to add, each with the quantity that was entered, where one was. */
export const chosenItems = (itemIds: Iterable<string>, drafts: Drafts): ChosenItem[] =>
  [...itemIds].map((item_id) => {
    const draft = drafts.get(item_id);
    return draft ? { item_id, quantity: parseQuantity(draft.text) } : { item_id };
  });

/** What is added: chosen lines, all of a supplier, or all under the filters. */
export type Addition =
  | { of: "lines"; itemIds: readonly string[] }
  | { of: "supplier"; supplierId: string }
  | { of: "everything" };

/** The drafts that an addition takes along. */
export function draftsIn(addition: Addition, drafts: Drafts): Draft[] {
  return [...drafts.values()].filter(({ line, supplierId }) => {
    if (line.in_cart) return false;
    if (addition.of === "lines") return addition.itemIds.includes(line.item_id);
    return addition.of === "everything" || supplierId === addition.supplierId;
  });
}

/**
 * The requests that carry it out, one after another: entered quantities go first, and what is in the cart then is left
 * as it is by the request for the rest.
 */
export function requestsFor(addition: Addition, filters: AddSuggestionsBody, drafts: Drafts): AddSuggestionsBody[] {
  if (addition.of === "lines") return [{ items: chosenItems(addition.itemIds, drafts) }];
  const edited = draftsIn(addition, drafts).map(({ line }) => line.item_id);
  const rest = addition.of === "supplier" ? { ...filters, supplier_id: addition.supplierId } : filters;
  return edited.length ? [{ items: chosenItems(edited, drafts) }, rest] : [rest];
}

/**
 * What a group costs and lacks with what was entered. Of one location's view both stay as the API has them: its cost is
 * that of the location's shares, while an order is for all locations.
 */
export function groupFigures(
  group: SuggestionGroup,
  drafts: Drafts,
  wholeOrders: boolean,
): { cost: number | null; shortfall: number } {
  const { total_cost, shortfall, minimum_order_value, supplier_id } = group;
  const change = draftedChange(supplier_id, drafts);
  if (total_cost === null || change === 0 || !wholeOrders) return { cost: total_cost, shortfall };
  const cost = pennies(total_cost + change);
  return { cost, shortfall: pennies(Math.max(0, (minimum_order_value ?? 0) - cost)) };
}

const pennies = (amount: number): number => Math.round(amount * 100) / 100;
