import type { Suggestion, SuggestionGroup } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { type Drafts, entered, groupFigures, orderedOf, priceOf, problemOf, requestsFor, without } from "./drafts";

const line = (item_id: string, changes: Partial<Suggestion> = {}): Suggestion =>
  ({
    item_id,
    quantity: 24,
    order_quantity: 24,
    unit_cost: 2.5,
    total_price: 60,
    moq: 12,
    packaging_qty: 12,
    in_cart: false,
    ...changes,
  }) as Suggestion;

const NONE: Drafts = new Map();
const A = line("A");
const B = line("B");
const C = line("C", { in_cart: true });
const drafts = [
  { of: A, text: "36" },
  { of: B, text: "13" },
  { of: C, text: "48" },
].reduce((all, { of, text }) => entered(all, of, of === B ? "other" : "acme", text), NONE);

describe("a quantity that was entered", () => {
  it("takes the place of the suggested one until that is entered again", () => {
    expect([orderedOf(A, NONE), orderedOf(A, drafts)]).toEqual([24, 36]);
    expect(entered(drafts, A, "acme", "24").has("A")).toBe(false);
    expect(without(drafts, ["A", "B"]).size).toBe(1);
  });

  it("has its price and what is wrong with it", () => {
    expect([priceOf(A, NONE), priceOf(A, drafts)]).toEqual([60, 90]);
    expect([problemOf(A, drafts), problemOf(B, drafts)?.kind]).toEqual([null, "no pack multiple"]);
    expect(priceOf(A, entered(NONE, A, "acme", ""))).toBeNull();
    expect(priceOf(line("D", { unit_cost: null }), NONE)).toBeNull();
  });

  it("of a location's share is of the order for all locations", () => {
    const share = line("E", { quantity: 10, total_price: 25 });
    expect([orderedOf(share, NONE), priceOf(share, NONE)]).toEqual([24, 60]);
  });
});

describe("what is added", () => {
  it("of lines has the quantities that were entered", () =>
    expect(requestsFor({ of: "lines", itemIds: ["A", "X"] }, {}, drafts)).toEqual([
      { items: [{ item_id: "A", quantity: 36 }, { item_id: "X" }] },
    ]));

  it("of a supplier begins with the quantities that were entered of its lines", () =>
    expect(requestsFor({ of: "supplier", supplierId: "acme" }, { min_risk: 0.5 }, drafts)).toEqual([
      { items: [{ item_id: "A", quantity: 36 }] },
      { min_risk: 0.5, supplier_id: "acme" },
    ]));

  it("of all is what the filters leave", () => {
    expect(requestsFor({ of: "everything" }, { budget: 500 }, NONE)).toEqual([{ budget: 500 }]);
    expect(requestsFor({ of: "everything" }, {}, drafts)[0]).toEqual({
      items: [
        { item_id: "A", quantity: 36 },
        { item_id: "B", quantity: 13 },
      ],
    });
  });
});

describe("a group", () => {
  const group = { supplier_id: "acme", total_cost: 100, minimum_order_value: 120, shortfall: 20 } as SuggestionGroup;

  it("costs and lacks what the API says until something is entered", () =>
    expect(groupFigures(group, NONE, true)).toEqual({ cost: 100, shortfall: 20 }));

  it("costs more and lacks less by what was entered of lines that are not in the cart", () =>
    expect(groupFigures(group, drafts, true)).toEqual({ cost: 130, shortfall: 0 }));

  it("may lack something where less is ordered", () =>
    expect(groupFigures({ ...group, total_cost: 130, shortfall: 0 }, entered(NONE, A, "acme", "12"), true)).toEqual({
      cost: 100,
      shortfall: 20,
    }));

  it("of a location's shares stays as it is", () =>
    expect(groupFigures(group, drafts, false)).toEqual({ cost: 100, shortfall: 20 }));
});
