import { useMemo } from "react";
import type { ForecastDayView } from "stockcast-client";
import type uPlot from "uplot";
import { dayOf, secondsOf } from "../../format/days";
import { useFormats } from "../../format/useFormats";
import { Chart } from "../../ui/Chart";
import { dayTicks, tzDate } from "../../ui/chartDays";
import { indexOf, type Sale, type SeriesName, seriesOf, topOf } from "./chartSeries";
import type { Demand, Projection } from "./projection";

interface Props {
  sales: readonly Sale[];
  forecast: readonly ForecastDayView[];
  demand: readonly Demand[];
  projection: Projection;
  today: string;
  /** The day on which an order that is placed now arrives. */
  arrivesIfOrdered: string;
}

/** Units sold and expected a day (left), and the stock that they leave (right). */
export function StockChart({ sales, forecast, demand, projection, today, arrivesIfOrdered }: Props) {
  const { date, decimal, quantity, locale } = useFormats();
  const data = useMemo(() => seriesOf(sales, forecast, demand, projection), [sales, forecast, demand, projection]);
  const options = useMemo(() => {
    const { top } = topOf(sales, forecast);
    const highest = Math.max(1, ...projection.stock, ...((data[indexOf("arrivals")] ?? []) as number[])) * 1.08;
    const lowest = Math.min(0, ...projection.stock);
    const arriving = new Map<string, string>();
    for (const { day, quantity: units, poNumber } of projection.arrivals) {
      const said = arriving.get(day);
      arriving.set(day, `${said ? `${said}, ` : ""}+${quantity(units)} (${poNumber})`);
    }
    const figure = (_: uPlot, units: number | null) => (units === null ? "–" : decimal(units));
    const between = (low: SeriesName) => (chart: uPlot, high: number | null, __: number, index: number | null) =>
      high === null || index === null ? "–" : `${decimal(chart.data[indexOf(low)]?.[index] ?? 0)} to ${decimal(high)}`;
    return (colour: (name: string) => string, Plot: typeof uPlot): Omit<uPlot.Options, "width" | "height"> => {
      const [line, soft, accent, info] = [colour("line"), colour("text-soft"), colour("accent"), colour("info")];
      const edge = { stroke: "transparent", width: 0, points: { show: false } };
      const narrow = matchMedia("(max-width: 44rem)").matches;
      const named = (label: string) => (narrow ? {} : { label, labelSize: 18 });
      const axis = { stroke: soft, grid: { stroke: line, width: 1 } };
      return {
        tzDate,
        cursor: { drag: { x: true, y: false } },
        scales: { y: { range: [0, top] }, stock: { range: [lowest, highest] } },
        bands: [
          { series: [indexOf("q95"), indexOf("q05")], fill: faint(accent, 0.14) },
          { series: [indexOf("q80"), indexOf("q20")], fill: faint(accent, 0.22) },
        ],
        series: [
          { label: "Day", value: (_, seconds) => (seconds ? date(dayOf(seconds)) : "–") },
          {
            label: "Sold",
            stroke: soft,
            fill: faint(soft, 0.55),
            width: 0,
            paths: Plot.paths.bars?.({ size: [0.75, 12], align: 0 }),
            points: { show: false },
            value: figure,
          },
          { ...edge, label: "In 9 of 10 cases", value: between("q05"), class: "wide-band" },
          { ...edge, label: "5 %", class: "unnamed" },
          { ...edge, label: "In 6 of 10 cases", value: between("q20"), class: "band" },
          { ...edge, label: "20 %", class: "unnamed" },
          { label: "Expected to sell", stroke: accent, width: 2, points: { show: false }, value: figure },
          { label: "Stock", scale: "stock", stroke: info, width: 2, points: { show: false }, value: figure },
          {
            label: "Arriving",
            scale: "stock",
            stroke: info,
            width: 0,
            paths: () => null,
            points: { show: true, size: 10, fill: info, stroke: info },
            value: (_, units, __, index) =>
              units === null || index === null ? "–" : (arriving.get(dayOf(data[0][index] ?? 0)) ?? "–"),
          },
        ],
        axes: [
          { ...axis, values: dayTicks(locale) },
          { ...axis, size: narrow ? 40 : 56, values: (_, units) => units.map(decimal), ...named("Units a day") },
          {
            ...axis,
            scale: "stock",
            side: 1,
            size: narrow ? 48 : 62,
            grid: { show: false },
            values: (_, units) => units.map(quantity),
            ...named("Stock"),
          },
        ],
        hooks: {
          draw: [
            (chart) => {
              mark(chart, today, "Today", colour("text"), []);
              if (arrivesIfOrdered > today) mark(chart, arrivesIfOrdered, "Order now arrives", soft, [4, 4]);
            },
          ],
        },
      };
    };
  }, [sales, forecast, projection, data, date, decimal, quantity, locale, today, arrivesIfOrdered]);
  return (
    <div className="stock-chart">
      <Chart
        summary={summary(sales, projection, { date, decimal, quantity })}
        data={data}
        options={options}
        height={300}
      />
    </div>
  );
}

/** A line from top to bottom at a day, with what it is. */
function mark(chart: uPlot, day: string, text: string, colour: string, dash: number[]): void {
  const { ctx, bbox } = chart;
  const x = Math.round(chart.valToPos(secondsOf(day), "x", true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  const ratio = window.devicePixelRatio || 1;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = ratio;
  ctx.setLineDash(dash.map((length) => length * ratio));
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${11 * ratio}px sans-serif`;
  ctx.textBaseline = "top";
  const before = dash.length === 0;
  ctx.textAlign = before ? "right" : "left";
  ctx.fillText(text, x + (before ? -4 : 4) * ratio, bbox.top + 2 * ratio);
  ctx.restore();
}

/** A colour that lets through what is below it. */
const faint = (colour: string, share: number): string => colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${share})`);

type Words = Pick<ReturnType<typeof useFormats>, "date" | "decimal" | "quantity">;

function summary(sales: readonly Sale[], { stock, arrivals, runsOut }: Projection, words: Words): string {
  const { date, decimal, quantity } = words;
  const sold = sales.reduce((sum, { units }) => sum + units, 0);
  const coming = arrivals.map(({ day, quantity: units }) => `${quantity(units)} on ${date(day)}`).join(", ");
  return [
    `${quantity(sold)} sold in the ${sales.length} days shown.`,
    `Stock ${decimal(stock[0] ?? 0)}, expected ${decimal(stock.at(-1) ?? 0)} at the end of the forecast.`,
    coming ? `Arriving: ${coming}.` : "Nothing is on its way.",
    runsOut ? `Expected to run out on ${date(runsOut)}.` : "",
  ].join(" ");
}
