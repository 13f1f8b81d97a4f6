import type { OrderView } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { Section } from "../../ui/Page";
import { Link } from "../../url/Link";
import { at } from "../../url/routes";

/** The orders that were placed just now. */
export function Placed({ orders }: { orders: OrderView[] }) {
  const { money, count, date } = useFormats();
  const total = orders.reduce((sum, { total_amount }) => sum + total_amount, 0);
  return (
    <Section
      title={`${count(orders.length)} ${orders.length === 1 ? "order is" : "orders are"} placed`}
      note={`for ${money(total)}`}
      className="placed"
    >
      <ul>
        {orders.map((order) => (
          <li key={order.id}>
            <Link to={at("/orders", order.id)}>{order.po_number}</Link>
            <span>{order.supplier_name}</span>
            <span className="soft">
              {count(order.line_count)} {order.line_count === 1 ? "line" : "lines"}
              {order.expected_delivery_date && `, expected on ${date(order.expected_delivery_date)}`}
            </span>
            <span className="numeric">{money(order.total_amount)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
