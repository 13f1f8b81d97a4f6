/** What the chart of a product shows, day by day, as uPlot takes it. */
import type { ForecastDayView } from "stockcast-client";
import type uPlot from "uplot";
import { secondsOf } from "../../format/days";
import type { Demand, Projection } from "./projection";

export interface Sale {
  day: string;
  units: number;
}

/** The columns of the data, in their order. */
export const SERIES = ["day", "sold", "q95", "q05", "q80", "q20", "mean", "stock", "arrivals"] as const;
export type SeriesName = (typeof SERIES)[number];
export const indexOf = (name: SeriesName): number => SERIES.indexOf(name);

/** Sales up to yesterday, from today on the forecast and the stock; arrivals stand on top of the stock that they find. */
export function seriesOf(
  sales: readonly Sale[],
  forecast: readonly ForecastDayView[],
  demand: readonly Demand[],
  { stock, arrivals }: Projection,
): uPlot.AlignedData {
  const first = demand[0]?.day ?? "";
  const past = sales.filter(({ day }) => !first || day < first);
  const quantiles = new Map(forecast.map(({ date_local, quantiles }) => [date_local, quantiles]));
  const arriving = new Map<string, number>();
  for (const { day, quantity } of arrivals) arriving.set(day, (arriving.get(day) ?? 0) + quantity);
  const before = past.map(() => null);
  const quantile = (name: "q95" | "q05" | "q80" | "q20") => [
    ...before,
    ...demand.map(({ day }) => quantiles.get(day)?.[name] ?? null),
  ];
  return [
    [...past, ...demand].map(({ day }) => secondsOf(day)),
    [...past.map(({ units }) => units), ...demand.map(() => null)],
    quantile("q95"),
    quantile("q05"),
    quantile("q80"),
    quantile("q20"),
    [...before, ...demand.map(({ mean }) => mean)],
    [...before, ...stock],
    [
      ...before,
      ...demand.map(({ day }, index) => {
        const quantity = arriving.get(day);
        return quantity === undefined ? null : (stock[index] ?? 0) + quantity;
      }),
    ],
  ];
}

/** Each day of a period; those without a record sold nothing. */
export function everyDay(sales: readonly Sale[], days: readonly string[]): Sale[] {
  const units = new Map(sales.map((sale) => [sale.day, sale.units]));
  return days.map((day) => ({ day, units: units.get(day) ?? 0 }));
}

/** The top of the axis of sales: a few days far above all others do not flatten the rest. */
export function topOf(sales: readonly Sale[], forecast: readonly ForecastDayView[]): { top: number; above: Sale[] } {
  const sorted = sales.map(({ units }) => units).sort((a, b) => a - b);
  const usual = sorted[Math.floor(sorted.length * 0.98)] ?? 0;
  const expected = Math.max(0, ...forecast.map(({ quantiles }) => quantiles.q95));
  const most = sorted.at(-1) ?? 0;
  const top = Math.max(usual, expected, 1) * 1.15;
  return most <= top * 1.5
    ? { top: Math.max(top, most * 1.05), above: [] }
    : { top, above: sales.filter(({ units }) => units > top) };
}
