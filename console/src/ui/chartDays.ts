/** Calendar days on the axis of a chart, which counts seconds: a day is the midnight of UTC, wherever the reader is. */
import type uPlot from "uplot";

export const secondsOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;

export const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

export const tzDate = (seconds: number): Date => new Date(seconds * 1000);

/** Marks of the axis: "13 Oct". */
export function dayTicks(locale: string): (chart: uPlot, seconds: number[]) => string[] {
  const format = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
  return (_, seconds) => seconds.map((second) => format.format(new Date(second * 1000)));
}

/** So many days later, or before. */
export const daysAfter = (day: string, days: number): string => dayOf(secondsOf(day) + days * 86_400);
