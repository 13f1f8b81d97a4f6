import type { CartLineView } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { errorOf, warningsOf } from "./notices";

const line = (changes: Partial<CartLineView>) =>
  ({ quantity: 528, moq: 96, packaging_qty: 24, error: null, warnings: [], ...changes }) as CartLineView;

describe("a line of the cart", () => {
  it("that can be ordered has no error", () => expect(errorOf(line({}), String)).toBeNull());

  it("says what is allowed where terms have changed", () => {
    const error = { code: "below_moq", detail: "of the API" };
    expect(errorOf(line({ moq: 960, error }), String)).toBe(
      "Cannot be ordered: below the MOQ of 960: order at least 960.",
    );
    expect(errorOf(line({ error: { code: "another", detail: "something new" } }), String)).toBe(
      "Cannot be ordered: something new",
    );
  });

  it("says what to do where the supplier does not sell it any more", () =>
    expect(errorOf(line({ error: { code: "supplier_not_linked", detail: "" } }), String)).toContain("Remove the line"));

  it("warns in sentences", () =>
    expect(
      warningsOf(line({ warnings: [{ code: "already_covered", detail: "the stock of 5 lasts 90 days" }] })),
    ).toEqual(["The stock of 5 lasts 90 days."]));
});
