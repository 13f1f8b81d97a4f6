import { describe, expect, it } from "vitest";
import { inPacks, linePrice, parseQuantity, quantityMessage, quantityProblem, smallestOrder } from "./quantity";

const TERMS = { moq: 50, packaging_qty: 12 };

describe("a quantity to order", () => {
  it.each([
    [60, TERMS, null],
    [49, TERMS, { kind: "below moq", moq: 50, least: 60 }],
    [50, TERMS, { kind: "no pack multiple", pack: 12, next: 60 }],
    [0, { moq: 0, packaging_qty: 12 }, { kind: "below moq", moq: 0, least: 12 }],
    [-12, { moq: 0, packaging_qty: 12 }, { kind: "below moq", moq: 0, least: 12 }],
    [Number.NaN, TERMS, { kind: "no number" }],
    [1e9 + 12, TERMS, { kind: "too much", most: 1e9 }],
    [0.3, { moq: 0, packaging_qty: 0.1 }, null],
    [0.35, { moq: 0, packaging_qty: 0.1 }, { kind: "no pack multiple", pack: 0.1, next: 0.4 }],
    [7, { moq: null, packaging_qty: null }, null],
  ] as const)("of %d under %o is judged as the API judges it", (units, terms, problem) =>
    expect(quantityProblem(units, terms)).toEqual(problem),
  );

  it.each([
    ["12", 12],
    [" 1.5 ", 1.5],
    ["1.2345", 1.235],
    ["", Number.NaN],
    ["twelve", Number.NaN],
  ])("%j is read as %d", (text, units) => expect(parseQuantity(text)).toBe(units));

  it("is at least the MOQ in whole packs", () => {
    expect(smallestOrder(TERMS)).toBe(60);
    expect(smallestOrder({ moq: 0, packaging_qty: 6 })).toBe(6);
    expect(smallestOrder({ moq: null, packaging_qty: null })).toBe(1);
    expect(inPacks(0.7, 0.1)).toBe(0.7);
  });

  it("says what is allowed", () => {
    const words = (units: number) => quantityMessage(quantityProblem(units, TERMS) ?? { kind: "no number" }, String);
    expect(words(49)).toBe("Below the MOQ of 50: order at least 60.");
    expect(words(61)).toBe("No whole packs of 12: the next is 72.");
  });

  it("costs its price to the penny", () => expect(linePrice(1404, 3.98)).toBe(5587.92));
});
