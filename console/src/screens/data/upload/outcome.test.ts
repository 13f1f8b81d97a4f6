import { describe, expect, it } from "vitest";
import { factsOf, type Outcome, readDate, readNumber } from "./outcome";

const result = { dry_run: false, inserted: 3, updated: 0, unchanged: 2, emptied: 1 } as Outcome;

describe("the counts of an import", () => {
  it("are those that are not 0", () =>
    expect(factsOf(result)).toEqual([
      { label: "New", units: 3 },
      { label: "Already so", units: 2 },
      { label: "Products with nothing left", units: 1 },
    ]));
  it("of a trial say what would be", () =>
    expect(factsOf({ ...result, dry_run: true })[0]).toEqual({ label: "Would be new", units: 3 }));
});

describe("what a choice makes of a text", () => {
  it.each([
    ["1.240", ",", 1240],
    ["1.240", ".", 1.24],
    ["€ 1.240,50", ",", 1240.5],
    ["-1,5", ",", -1.5],
    ["", ",", null],
    ["abc", ",", null],
  ])("%s with the decimal mark %s is %s", (text, mark, number) => expect(readNumber(text, mark)).toBe(number));
  it.each([
    ["03/04/2025", "DMY", "2025-04-03"],
    ["03/04/2025", "MDY", "2025-03-04"],
    ["3.4.25", "DMY", "2025-04-03"],
    ["2025-04-03", "YMD", "2025-04-03"],
    ["31/04/2025", "DMY", null],
    ["03/14/2025", "DMY", null],
    ["soon", "DMY", null],
  ])("%s as %s is %s", (text, order, day) => expect(readDate(text, order)).toBe(day));
});
