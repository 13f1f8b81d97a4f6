import { describe, expect, it } from "vitest";
import { backAgain, moveProblem } from "./moves";

describe("a move", () => {
  it.each([
    [10, null],
    [0, "Enter a quantity above 0."],
    [Number.NaN, "Enter a quantity above 0."],
    [11, "Only 10 are there."],
  ])("of %d of 10", (units, problem) => expect(moveProblem(units, 10, String)).toBe(problem));

  it("is taken back only while the stock is as the move has left it", () =>
    expect(
      backAgain({ item_id: "A", from_location_id: "LONDON", to_location_id: "DUBLIN", quantity: 0.2 }, 0.1),
    ).toEqual({
      item_id: "A",
      from_location_id: "DUBLIN",
      to_location_id: "LONDON",
      quantity: 0.2,
      expected_stock: 0.3,
      reason: "Taken back",
    }));
});
