import type { AccuracyRow } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { figuresOf, fitOf, perHundred, type QualityRow, worstFirst } from "./figures";

const row = {
  group: "erratic",
  units: 100,
  expected_per_sold: 0.9,
  wape: 1.1,
  fva: 0.2,
  coverage: { q50: 0.6, q80: 0.81, q90: 0.9, q95: 0.94 },
  totals: [
    {
      window_days: 28,
      windows: 4,
      units: 400,
      expected_per_sold: 1.2,
      wape: 0.4,
      coverage: { q80: 0.7, q90: 0.8, q95: 0.9, q98: 0.95 },
    },
  ],
} as unknown as AccuracyRow;

describe("the figures of a group", () => {
  it("are of single days, with the gain over the naive forecast", () =>
    expect(figuresOf(row, "1")).toMatchObject({
      units: 100,
      perSold: 0.9,
      wape: 1.1,
      fva: 0.2,
      coverage: { 95: 0.94 },
    }));
  it("or of the days of four weeks together", () =>
    expect(figuresOf(row, "28")).toMatchObject({
      units: 400,
      perSold: 1.2,
      wape: 0.4,
      fva: null,
      coverage: { 80: 0.7 },
    }));
  it("are not there before such a window is over", () => expect(figuresOf(row, "7")).toBeNull());
});

describe("the worst", () => {
  const item = (group: string, units: number | null, wape: number | null) => ({ group, units, wape }) as QualityRow;
  it("were off by the most units, whatever their share", () =>
    expect(
      worstFirst([item("a", 10, 2), item("b", 100, 0.5), item("c", 0, null), item("d", null, 1)]).map(
        ({ group }) => group,
      ),
    ).toEqual(["b", "a"]));
});

describe("a coverage", () => {
  it.each([
    [0.9, 0.9, "fits"],
    [0.93, 0.9, "fits"],
    [0.86, 0.9, "too narrow"],
    [0.94, 0.9, "wide"],
  ])("of %s at the level %s %s", (coverage, level, fit) => expect(fitOf(coverage, level)).toBe(fit));
  it("is said in whole units of a hundred", () => expect(perHundred(0.9246)).toBe(92));
});
