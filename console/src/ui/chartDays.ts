/** Calendar days on the axis of a chart, which counts seconds. */
import type uPlot from "uplot";

export const tzDate = (seconds: number): Date => new Date(seconds * 1000);

/** Marks of the axis: "13 Oct". */
export function dayTicks(locale: string): (chart: uPlot, seconds: number[]) => string[] {
  const format = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
  return (_, seconds) => seconds.map((second) => format.format(new Date(second * 1000)));
}
