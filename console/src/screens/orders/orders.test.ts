import { describe, expect, it } from "vitest";
import { arrivedLines, everything, problemOf } from "./arrivals";
import { daysLate } from "./status";

const line = (item_id: string, outstanding: number) => ({
  item_id,
  outstanding,
  product_name: item_id,
  quantity: 12,
  received: 12 - outstanding,
  unit_cost: 1,
  total_price: 12,
  packaging_unit: null,
  packaging_qty: 1,
  supplier_sku: null,
  lead_time_days: 5,
});

describe("a delivery", () => {
  it("is everything that is still to come, to begin with", () =>
    expect(everything([line("a", 12), line("b", 0), line("c", 0.5)])).toEqual({ a: "12", c: "0.5" }));
  it("leaves out what has not arrived", () =>
    expect(arrivedLines({ a: "12", b: "", c: "0", d: "0.5" })).toEqual([
      { item_id: "a", quantity: 12 },
      { item_id: "d", quantity: 0.5 },
    ]));
  it.each([
    ["12", undefined],
    ["", undefined],
    ["-1", "A number of 0 or more"],
    ["a dozen", "A number of 0 or more"],
    ["1.2345", "At most three decimal places"],
  ])("of %s", (text, problem) => expect(problemOf(text)).toBe(problem));
});

describe("an order is late", () => {
  it.each([
    ["shipped", "2011-10-10", 3],
    ["shipped", "2011-10-13", 0],
    ["received", "2011-10-10", 0],
    ["pending", null, 0],
  ] as const)("%s, expected %s", (status, expected, days) =>
    expect(daysLate(status, expected, "2011-10-13")).toBe(days),
  );
});
