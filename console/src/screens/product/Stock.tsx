import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ForecastDayView, ProductDetail } from "stockcast-client";
import { ApiError } from "../../api/client";
import { forecastAt } from "../../api/products";
import { daysAfter } from "../../format/days";
import { useFormats, useToday } from "../../format/useFormats";
import { SelectField } from "../../ui/Field";
import { Section } from "../../ui/Page";
import { ErrorNote } from "../../ui/QueryView";
import { everyDay, type Sale, topOf } from "./chartSeries";
import { demandFrom, type Projection, projected } from "./projection";
import { StockChart } from "./StockChart";

const PERIODS = [
  [91, "3 months"],
  [182, "6 months"],
  [365, "1 year"],
  [730, "2 years"],
] as const;

interface Props {
  product: ProductDetail;
  locationId: string | undefined;
  /** Days until an order that is placed now arrives. */
  leadTime: number;
  days: number;
  onDays: (days: number) => void;
}

/** What sold, what is expected to sell, and the stock that is left by it, of all locations or of one. */
export function Stock({ product, locationId, leadTime, days, onDays }: Props) {
  const today = useToday();
  const place = product.stock_per_location.find(({ location_id }) => location_id === locationId);
  const there = useQuery({
    ...forecastAt(product.item_id, locationId ?? "", days),
    enabled: locationId !== undefined,
  });
  const notForecast = there.error instanceof ApiError && there.error.status === 404;
  const row = locationId ? place : product;
  const shown = useMemo(() => {
    if (!row || (locationId && !there.data && !notForecast)) return null;
    const forecast = (locationId ? there.data?.days : product.forecast?.days) ?? [];
    const sales: Sale[] = locationId
      ? everyDay(
          (there.data?.history ?? []).map(({ date_local, units_sold }) => ({ day: date_local, units: units_sold })),
          product.demand_history.map(({ date_local }) => date_local),
        )
      : product.demand_history.map(({ date_local, units_sold }) => ({ day: date_local, units: units_sold }));
    const orders = product.orders.items.filter((order) => !locationId || order.location_id === locationId);
    const demand = demandFrom(forecast, today, row.expected_daily_demand);
    return {
      sales,
      forecast: forecast as ForecastDayView[],
      demand,
      projection: projected(demand, row.current_stock, row.on_order, orders, today),
    };
  }, [row, locationId, there.data, notForecast, product, today]);

  return (
    <Section
      title="Sales, forecast and stock"
      note={shown && <Outlook projection={shown.projection} last={shown.demand.at(-1)?.day ?? today} />}
      actions={
        <SelectField
          label="Past shown"
          hiddenLabel
          value={days}
          onChange={({ target }) => onDays(Number(target.value))}
        >
          {!PERIODS.some(([number]) => number === days) && <option value={days}>{days} days</option>}
          {PERIODS.map(([number, label]) => (
            <option key={number} value={number}>
              {label}
            </option>
          ))}
        </SelectField>
      }
    >
      {there.error && !notForecast && <ErrorNote error={there.error} onRetry={() => there.refetch()} />}
      {shown ? (
        <>
          <StockChart {...shown} today={today} arrivesIfOrdered={daysAfter(today, leadTime)} />
          <Remarks
            projection={shown.projection}
            above={topOf(shown.sales, shown.forecast).above}
            hasForecast={shown.forecast.length > 0}
          />
        </>
      ) : (
        !there.error && <div className="skeleton stock-chart" role="status" aria-label="Loading" />
      )}
    </Section>
  );
}

/** In a sentence: until when the stock lasts, with what is on order. */
function Outlook({ projection: { arrivals, runsOut, short }, last }: { projection: Projection; last: string }) {
  const { date, count } = useFormats();
  const stock = arrivals.length > 0 ? "With what is on order, the stock" : "The stock";
  if (!runsOut) return `${stock} is expected to last beyond ${date(last)}.`;
  return `${stock} is expected to run out on ${date(runsOut)}; ${count(Math.max(1, short))} are short by ${date(last)} if nothing more is ordered.`;
}

interface RemarksProps {
  projection: Projection;
  above: readonly Sale[];
  hasForecast: boolean;
}

/** What the lines leave out, or count otherwise than they stand. */
function Remarks({ projection: { arrivals, undated }, above, hasForecast }: RemarksProps) {
  const { quantity, date, count } = useFormats();
  const late = arrivals.filter(({ late }) => late);
  const most = above.reduce<Sale | null>((most, sale) => (most && most.units >= sale.units ? most : sale), null);
  const remarks = [
    !hasForecast && "There is no forecast: stock falls by what sold lately.",
    late.length > 0 &&
      `Late, and counted as if it came today: ${late.map(({ quantity: units, poNumber }) => `${quantity(units)} of ${poNumber}`).join(", ")}.`,
    undated > 0 && `${quantity(undated)} on order are not counted: their day is not known.`,
    most &&
      `${above.length === 1 ? "One day sold" : `${count(above.length)} days sold`} more than the scale shows, the most ${quantity(most.units)} on ${date(most.day)}.`,
  ].filter((remark) => typeof remark === "string");
  return remarks.length > 0 ? <p className="soft remarks">{remarks.join(" ")}</p> : null;
}
