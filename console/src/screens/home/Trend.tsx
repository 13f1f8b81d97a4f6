import { useMemo } from "react";
import type { TrendPoint } from "stockcast-client";
import type uPlot from "uplot";
import { useFormats } from "../../format/useFormats";
import { Chart } from "../../ui/Chart";

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
    () => [
      weeks.map((week) => Date.parse(`${week.date}T00:00:00Z`) / 1000),
      ...SERIES.map(([field]) => weeks.map((week) => week[field])),
    ],
    [weeks],
  );
  const options = useMemo(
    () => (colour: (name: string) => string) => ({
      tzDate: (seconds: number) => new Date(seconds * 1000),
      series: [
        { value: (_: uPlot, seconds: number | null) => (seconds ? date(isoDay(seconds)) : "–") },
        ...SERIES.map(([, label, tone]) => ({
          label,
          stroke: colour(tone),
          width: 2,
          value: (_: uPlot, amount: number | null) => (amount === null ? "–" : moneyShort(amount)),
        })),
      ],
      axes: [
        { stroke: colour("text-soft"), grid: { stroke: colour("line") }, values: months(locale) },
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

const isoDay = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

function months(locale: string) {
  const format = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
  return (_: uPlot, seconds: number[]) => seconds.map((second) => format.format(new Date(second * 1000)));
}
