import type { CartGroup, CartLineView } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { chosenOf, orderable } from "./orderable";

const line = (error: CartLineView["error"] = null) => ({ error }) as CartLineView;
const group = (supplier_id: string, total_cost: number, lines: CartLineView[]) =>
  ({ supplier_id, total_cost, lines }) as CartGroup;

const GROUPS = [
  group("acme", 10.1, [line(), line()]),
  group("fast", 20.2, [line()]),
  group("slow", 99, [line(), line({ code: "below_moq", detail: "order at least 12" })]),
];

describe("what can be ordered", () => {
  it("is of suppliers without a line that is wrong", () =>
    expect(orderable(GROUPS).map((found) => found.supplier_id)).toEqual(["acme", "fast"]));

  it("comes to what its lines cost", () => {
    expect(chosenOf(GROUPS, new Set())).toEqual({ groups: GROUPS.slice(0, 2), lines: 3, cost: 30.3 });
    expect(chosenOf(GROUPS, new Set(["acme"]))).toEqual({ groups: GROUPS.slice(1, 2), lines: 1, cost: 20.2 });
  });
});
