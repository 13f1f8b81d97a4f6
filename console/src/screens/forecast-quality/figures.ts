/** What the accuracy of forecasts says, for a table and in sentences. Pure. */
import type { AccuracyRow } from "stockcast-client";

/** Of which demand a figure is: single days, or what an order rests on, the days of a week or of four together. */
export type Span = "1" | "7" | "28";

export interface QualityRow {
  group: string | null;
  units: number | null;
  /** Units forecast for each unit sold. */
  perSold: number | null;
  /** Sum of |sold - forecast| per unit sold. */
  wape: number | null;
  /** How much less that is than of the same weekday of the week before; single days alone. */
  fva: number | null;
  /** Shares that sold no more than the level, which they should equal. */
  coverage: Readonly<Record<80 | 90 | 95, number | null>>;
}

/** The row's figures of the span; null where none is over yet. */
export function figuresOf(row: AccuracyRow, span: Span): QualityRow | null {
  const of = span === "1" ? row : row.totals.find(({ window_days }) => String(window_days) === span);
  if (!of) return null;
  const { q80, q90, q95 } = of.coverage;
  return {
    group: row.group,
    units: of.units,
    perSold: of.expected_per_sold,
    wape: of.wape,
    fva: span === "1" ? row.fva : null,
    coverage: { 80: q80, 90: q90, 95: q95 },
  };
}

/** The rows that were off by the most units, the worst first. */
export const worstFirst = (rows: readonly QualityRow[]): QualityRow[] =>
  rows.filter((row) => unitsOff(row) !== null).sort((one, other) => (unitsOff(other) ?? 0) - (unitsOff(one) ?? 0));

/** Sum of |sold - forecast|. */
export const unitsOff = ({ wape, units }: QualityRow): number | null =>
  wape === null || units === null ? null : wape * units;

/** How far a coverage is from what it should be: below it stock runs out more often than planned. */
export type Fit = "fits" | "too narrow" | "wide";

const TOLERANCE = 0.03;

export function fitOf(coverage: number, level: number): Fit {
  if (coverage < level - TOLERANCE) return "too narrow";
  return coverage > level + TOLERANCE ? "wide" : "fits";
}

/** "92 of 100": units forecast for 100 that were sold, in whole ones. */
export const perHundred = (share: number): number => Math.round(share * 100);

const ENGINES: Record<string, string> = {
  statistical: "Statistical",
  chronos2: "Chronos-2",
  champion: "Champion",
  auto_ets: "AutoETS",
  auto_theta: "AutoTheta",
};

export const engineName = (engine: string): string => ENGINES[engine] ?? engine;
