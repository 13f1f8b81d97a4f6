import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { OrderOfProduct, OrdersOfProduct, ProductDetail } from "stockcast-client";
import { ORDERS, ordersOfProduct } from "../../api/products";
import { useFormats, useToday } from "../../format/useFormats";
import { type Column, DataTable } from "../../ui/DataTable";
import { OrderStatus } from "../../ui/OrderStatus";
import { Section } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { QueryView } from "../../ui/QueryView";
import { Badge } from "../../ui/Status";
import { Link } from "../../url/Link";
import { navigate, useSearch } from "../../url/location";
import { at } from "../../url/routes";
import { isOpen } from "./projection";

/** Orders of the product, open and past, the newest first. */
export function Orders({ product }: { product: ProductDetail }) {
  const [search, setSearch] = useSearch();
  const page = Number(search.get("orders_page")) || 1;
  const later = useQuery({ ...ordersOfProduct(product.item_id, page), enabled: page > 1 });
  const names = useMemo(
    () => new Map(product.suppliers.map(({ supplier_id, supplier_name }) => [supplier_id, supplier_name])),
    [product.suppliers],
  );
  const open = product.orders.items.filter(isOpen).length;
  const turn = (page: number) => setSearch({ orders_page: page > 1 ? page : null }, { push: true });
  return (
    <Section title="Orders" note={open > 0 ? `${open} open` : undefined}>
      {product.orders.total === 0 ? (
        <p className="soft">It was never ordered here.</p>
      ) : page === 1 ? (
        <Rows orders={product.orders} names={names} onPage={turn} />
      ) : (
        <QueryView query={later} height="30rem">
          {(orders) => <Rows orders={orders} names={names} onPage={turn} />}
        </QueryView>
      )}
    </Section>
  );
}

interface RowsProps {
  orders: OrdersOfProduct;
  names: ReadonlyMap<string, string>;
  onPage: (page: number) => void;
}

function Rows({ orders, names, onPage }: RowsProps) {
  const { date, quantity, unitCost } = useFormats();
  const today = useToday();
  const columns = useMemo<Column<OrderOfProduct>[]>(
    () => [
      {
        id: "po_number",
        header: "Order",
        cell: (order) => <Link to={at("/orders", order.id)}>{order.po_number}</Link>,
      },
      { id: "status", header: "Status", cell: ({ status }) => <OrderStatus status={status} /> },
      { id: "supplier", header: "Supplier", wide: true, cell: ({ supplier_id: id }) => names.get(id) ?? id },
      { id: "order_date", header: "Ordered", wide: true, cell: (order) => date(order.order_date) },
      {
        id: "expected",
        header: "Expected",
        cell: (order) => (
          <span>
            {order.expected_delivery_date ? date(order.expected_delivery_date) : "–"}{" "}
            {isOpen(order) && order.expected_delivery_date && order.expected_delivery_date < today && (
              <Badge tone="bad">late</Badge>
            )}
          </span>
        ),
      },
      { id: "quantity", header: "Units", numeric: true, cell: (order) => quantity(order.quantity) },
      {
        id: "outstanding",
        header: "Still to come",
        numeric: true,
        cell: (order) => (isOpen(order) ? quantity(order.outstanding) : "–"),
      },
      { id: "unit_cost", header: "Unit cost", numeric: true, wide: true, cell: (order) => unitCost(order.unit_cost) },
    ],
    [names, date, quantity, unitCost, today],
  );
  return (
    <div className="stack">
      <DataTable
        caption="Orders of the product"
        columns={columns}
        rows={orders.items}
        rowId={(order) => order.id}
        onOpen={(order) => navigate(at("/orders", order.id))}
      />
      {orders.total > ORDERS && (
        <Pager page={orders.page} pageSize={orders.page_size} total={orders.total} things="orders" onPage={onPage} />
      )}
    </div>
  );
}
