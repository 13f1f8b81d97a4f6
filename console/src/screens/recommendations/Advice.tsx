import type { Recommendation } from "stockcast-client";
import { daysAfter } from "../../format/days";
import { useFormats, useToday } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { Popover } from "../../ui/Popover";
import { Badge } from "../../ui/Status";
import { Link } from "../../url/Link";
import { at } from "../../url/routes";
import { actionText, isOrder, TYPES } from "./types";

interface Props {
  advice: Recommendation;
  chosen: boolean;
  onChoose?: () => void;
  onOrder?: () => void;
  onDismiss?: (until: string | null) => void;
  onRestore?: () => void;
}

/** One advice: what to do, why, what it is worth, and the figures behind it. */
export function Advice({ advice, chosen, onChoose, onOrder, onDismiss, onRestore }: Props) {
  const { money, quantity, date } = useFormats();
  const { type, product_name, item_id, reason, money_at_stake, suggested_action, dismissed, open_orders } = advice;
  const orderable = isOrder(suggested_action.action) && !dismissed;
  return (
    <li className={`card advice ${dismissed ? "aside" : ""}`}>
      <div className="advice-head">
        {onChoose && orderable && (
          <input type="checkbox" aria-label={`Select ${product_name}`} checked={chosen} onChange={onChoose} />
        )}
        <Badge tone={TYPES[type].tone}>{TYPES[type].name}</Badge>
        <h2>
          <Link to={at("/products", item_id)}>{product_name}</Link>
        </h2>
        <span className="numeric advice-money">{money(money_at_stake)} at stake</span>
      </div>
      <p>
        <strong>{actionText(suggested_action.action, quantity(suggested_action.quantity))}</strong>
        {advice.supplier_name && isOrder(suggested_action.action) && ` from ${advice.supplier_name}`}. {reason}
      </p>
      {open_orders.length > 0 && (
        <p className="soft">
          On its way:{" "}
          {open_orders.map((order, index) => (
            <span key={order.order_id}>
              {index > 0 && ", "}
              {quantity(order.outstanding)} with <Link to={at("/orders", order.order_id)}>{order.po_number}</Link>
              {order.expected_delivery_date && `, expected ${date(order.expected_delivery_date)}`}
            </span>
          ))}
        </p>
      )}
      <div className="row">
        {orderable && onOrder && (
          <Button aria-label={`Add to cart: ${product_name}`} onClick={onOrder}>
            Add to cart
          </Button>
        )}
        <Popover label="Figures" name={`Figures of ${product_name}`}>
          <FiguresOf advice={advice} />
        </Popover>
        {dismissed ? (
          <>
            <small className="soft">put aside{dismissed.until && ` until ${date(dismissed.until)}`}</small>
            {onRestore && <Button onClick={onRestore}>Take back</Button>}
          </>
        ) : (
          onDismiss && <PutAside name={product_name} onDismiss={onDismiss} />
        )}
      </div>
    </li>
  );
}

const SPANS: readonly [string, number][] = [
  ["For a week", 7],
  ["For four weeks", 28],
];

function PutAside({ name, onDismiss }: { name: string; onDismiss: (until: string | null) => void }) {
  const today = useToday();
  return (
    <Popover label="Put aside" name={`Put aside: ${name}`}>
      <div className="form">
        {SPANS.map(([label, days]) => (
          <Button key={label} onClick={() => onDismiss(daysAfter(today, days))}>
            {label}
          </Button>
        ))}
        <Button onClick={() => onDismiss(null)}>For good</Button>
      </div>
    </Popover>
  );
}

function FiguresOf({ advice: { figures } }: { advice: Recommendation }) {
  const { quantity, money, percent, days, date, unitCost } = useFormats();
  const facts: [string, string][] = [
    ["In stock", quantity(figures.current_stock)],
    ["On order", quantity(figures.on_order)],
    ["Expected to sell a day", quantity(figures.expected_daily_demand)],
    ["Lasts", days(figures.dir)],
    ["Lead time", `${figures.lead_time_days} days`],
    ["Stockout risk", percent(figures.stockout_risk)],
    ["Sales at risk", money(figures.sales_at_risk)],
    ["Stock beyond need", money(figures.excess_value)],
    ["Unit cost", unitCost(figures.unit_cost)],
    ["Value in stock", money(figures.inventory_value)],
    ["Sold in four weeks", figures.units_sold_28d === null ? "unknown" : quantity(figures.units_sold_28d)],
    ["Last sale", figures.last_sale ? date(figures.last_sale) : "never"],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
