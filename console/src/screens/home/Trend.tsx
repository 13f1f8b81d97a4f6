import { useMemo } from "react";
import type { TrendPoint } from "stockcast-client";
import type uPlot from "uplot";
import { dayOf, secondsOf } from "../../format/days";
import { useFormats } from "../../format/useFormats";
import { Chart } from "../../ui/Chart";
import { dayTicks, tzDate } from "../../ui/chartDays";

const SERIES = [
  ["overstocked_value", "Overstocked", "warn"],
  ["dead_stock_value", "Dead stock", "text-soft"],
  ["understocked_value", "Understocked", "bad"],
] as const;

/** The value in stock of each status, week by week. */
export function Trend({ weeks }: { weeks: TrendPoint[] }) {
  const formats = useFormats();
  const { moneyShort, date, locale } = formats;
  const data = useMemo<uPlot.AlignedData>(
    () => [weeks.map((week) => secondsOf(week.date)), ...SERIES.map(([field]) => weeks.map((week) => week[field]))],
    [weeks],
  );
  const options = useMemo(
    () => (colour: (name: string) => string) => ({
      tzDate,
      series: [
        { value: (_: uPlot, seconds: number | null) => (seconds ? date(dayOf(seconds)) : "–") },
        ...SERIES.map(([, label, tone]) => ({
          label,
          stroke: colour(tone),
          width: 2,
          value: (_: uPlot, amount: number | null) => (amount === null ? "–" : moneyShort(amount)),
        })),
      ],
      axes: [
        { stroke: colour("text-soft"), grid: { stroke: colour("line") }, values: dayTicks(locale) },
        {
          stroke: colour("text-soft"),
          grid: { stroke: colour("line") },
          size: 70,
          values: (_: uPlot, amounts: number[]) => amounts.map(moneyShort),
        },
      ],
    }),
    [date, moneyShort, locale],
  );
  const last = weeks.at(-1);
  if (!last) return <p className="soft">There is no history yet: it begins with the first night's figures.</p>;
  const summary = SERIES.map(([field, label]) => `${label} ${moneyShort(last[field])}`).join(", ");
  return (
    <Chart
      summary={`Value by status, week by week; on ${date(last.date)}: ${summary}`}
      data={data}
      options={options}
      height={260}
    />
  );
}
