import { useMemo } from "react";
import type { PlacedOrder } from "stockcast-client";
import { formats as formatsOf } from "../../format/format";
import { useFormats } from "../../format/useFormats";
import { type Column, DataTable } from "../../ui/DataTable";
import { OrderStatus } from "../../ui/OrderStatus";
import { Section } from "../../ui/Page";
import { Link } from "../../url/Link";
import { href, navigate } from "../../url/location";
import { at } from "../../url/routes";

/** The latest orders with the supplier. */
export function SupplierOrders({ supplierId, orders }: { supplierId: string; orders: PlacedOrder[] }) {
  const { date, count, locale } = useFormats();
  const columns = useMemo<Column<PlacedOrder>[]>(
    () => [
      {
        id: "po_number",
        header: "Order",
        cell: (order) => <Link to={at("/orders", order.id)}>{order.po_number}</Link>,
      },
      {
        id: "status",
        header: "Status",
        cell: ({ status }) => <OrderStatus status={status} />,
      },
      { id: "order_date", header: "Ordered", cell: (order) => date(order.order_date) },
      {
        id: "expected_delivery_date",
        header: "Expected",
        cell: (order) => (order.expected_delivery_date ? date(order.expected_delivery_date) : "–"),
      },
      { id: "line_count", header: "Lines", numeric: true, cell: (order) => count(order.line_count) },
      {
        id: "total_amount",
        header: "Total",
        numeric: true,
        cell: (order) => formatsOf(locale, order.currency, "UTC").money(order.total_amount),
      },
    ],
    [date, count, locale],
  );
  return (
    <Section
      title="Latest orders"
      actions={<Link to={href("/orders", { supplier_id: supplierId })}>All its orders</Link>}
    >
      {orders.length === 0 ? (
        <p className="soft">Nothing was ordered from it yet.</p>
      ) : (
        <DataTable
          caption="Latest orders"
          columns={columns}
          rows={orders}
          rowId={(order) => order.id}
          onOpen={(order) => navigate(at("/orders", order.id))}
        />
      )}
    </Section>
  );
}
