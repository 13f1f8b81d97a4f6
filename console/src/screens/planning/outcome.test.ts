import type { AddedSuggestions } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { outcome } from "./outcome";

const answer = (changes: Partial<AddedSuggestions>): AddedSuggestions => ({
  added: 0,
  already_in_cart: 0,
  skipped: [],
  total_skipped: 0,
  budget: null,
  ...changes,
});

describe("what became of what was added", () => {
  it.each([
    [[answer({ added: 1 })], "1 line is in the cart."],
    [[answer({ added: 3, already_in_cart: 2 })], "3 lines are in the cart. 2 lines were there before."],
    // What the first request has added is there already for the second one.
    [[answer({ added: 2 }), answer({ added: 3, already_in_cart: 2 })], "5 lines are in the cart."],
    [
      [answer({ skipped: [{ item_id: "A", reason: "no supplier is linked to it" }], total_skipped: 3 })],
      "Nothing is added to the cart. A is not added: no supplier is linked to it; 2 lines more.",
    ],
  ])("is said", (answers, words) => expect(outcome(answers, String)).toBe(words));
});
