import type { ReactNode } from "react";
import type { ComputedFrom, ProductMetrics } from "stockcast-client";
import type { Formats } from "../../format/format";
import { useFormats } from "../../format/useFormats";
import { Popover } from "../../ui/Popover";

/** The figures by which one decides, each with what it was computed from. */
export function Figures({ metrics }: { metrics: ProductMetrics }) {
  const formats = useFormats();
  const { quantity, days, percent, money, unitCost, decimal } = formats;
  const { computed_from: from } = metrics;
  const window = from.risk_window.days;
  const cost = from.cost_basis === "supplier_cost" ? from.supplier_cost : from.unit_cost;
  return (
    <div className="figures six">
      <Figure
        name="In stock"
        value={quantity(from.current_stock)}
        note={`${quantity(from.on_order)} on order${from.committed ? `, ${quantity(from.committed)} promised to customers` : ""}`}
      >
        <p>
          Stock {quantity(from.current_stock)}, and {quantity(from.on_order)} on order, less {quantity(from.committed)}{" "}
          promised to customers: a position of {quantity(metrics.inventory_position)}.
        </p>
      </Figure>
      <Figure
        name="Lasts"
        value={days(metrics.dir)}
        note={
          metrics.expected_daily_demand < 0.05
            ? "next to nothing is expected to sell"
            : `${decimal(metrics.expected_daily_demand)} expected to sell a day`
        }
      >
        <p>
          {basis(from.demand_basis, from, formats)} {decimal(metrics.forecasted_demand_30d)} are expected to sell in the
          next 30 days. Below {from.understocked_threshold} days it counts as understocked, above{" "}
          {from.overstocked_threshold} as overstocked. Orders on their way are not counted.
        </p>
      </Figure>
      <Figure name="Stockout risk" value={percent(metrics.stockout_risk)} note={`within the next ${window} days`}>
        <p>
          {from.lead_time_days} days of lead time and {from.safety_buffer_days} of safety buffer: an order placed now is
          there by then. {quantity(from.receipts_due)} on order arrive in time.{" "}
          {from.risk_window.quantiles &&
            `Demand of these days: ${decimal(from.risk_window.quantiles.q50)} as likely more as less, ${decimal(
              from.risk_window.quantiles.q90,
            )} or less in nine of ten cases.`}
        </p>
      </Figure>
      <Figure
        name="Sales at risk"
        value={money(metrics.sales_at_risk)}
        note={from.sale_price ? `at ${unitCost(from.sale_price)} a unit` : "until the next order could arrive"}
      >
        <p>What is expected to be short until the next order could arrive, {priceBasis(from, formats)}.</p>
      </Figure>
      <Figure
        name="To order now"
        value={quantity(metrics.reorder_quantity)}
        note={
          metrics.order_up_to > 0
            ? `up to ${quantity(Math.round(metrics.order_up_to))}, at a service level of ${percent(metrics.service_level)}`
            : "nothing of it is to be ordered"
        }
      >
        <p>
          It is ordered up to {decimal(metrics.order_up_to)}, so that demand until the next order arrives is met in{" "}
          {percent(metrics.service_level)} of cases.
          {metrics.location_id && metrics.transfer_in > 0
            ? ` ${quantity(metrics.transfer_in)} are to be moved here from where there is too much.`
            : ""}
        </p>
      </Figure>
      <Figure
        name="Value in stock"
        value={money(metrics.inventory_value)}
        note={
          metrics.excess_value > 0
            ? `${money(metrics.excess_value)} of it is too much`
            : cost
              ? `at ${unitCost(cost)} a unit`
              : "no cost is known"
        }
      >
        <p>
          {cost
            ? `At ${unitCost(cost)} a unit, ${from.cost_basis === "supplier_cost" ? "what the supplier asks" : "the product's own cost"}.`
            : "No cost of it is known."}{" "}
          Too much is what {from.overstocked_threshold} days are not expected to sell.
        </p>
      </Figure>
    </div>
  );
}

interface FigureProps {
  name: string;
  value: string;
  note: string;
  /** What it was computed from. */
  children: ReactNode;
}

const Figure = ({ name, value, note, children }: FigureProps) => (
  <div className="figure">
    <span className="figure-name">
      {name}
      <Popover className="why" label="?" name={`What “${name}” is computed from`}>
        {children}
      </Popover>
    </span>
    <span className="figure-value">{value}</span>
    <span className="figure-note">{note}</span>
  </div>
);

function basis(demand: string, from: ComputedFrom, { date }: Formats): string {
  if (demand === "forecast" && from.forecast_run_date) return `From the forecast of ${date(from.forecast_run_date)}:`;
  if (demand === "recent_sales") return "There is no forecast of it; from what sold lately:";
  return `Last sale: ${from.last_sale ? date(from.last_sale) : "never"}.`;
}

function priceBasis(
  { price_basis, sale_price, unit_price, unit_cost, supplier_cost }: ComputedFrom,
  { unitCost }: Formats,
) {
  if (price_basis === "sales" && sale_price !== null) return `at ${unitCost(sale_price)}, what a unit brought lately`;
  if (price_basis === "unit_price" && unit_price !== null) return `at its sale price of ${unitCost(unit_price)}`;
  if (price_basis === "unit_cost") return `at its cost of ${unitCost(unit_cost)}, since no price is known`;
  if (price_basis === "supplier_cost" && supplier_cost !== null)
    return `at the supplier's cost of ${unitCost(supplier_cost)}, since no price is known`;
  return "without a price: none is known";
}
