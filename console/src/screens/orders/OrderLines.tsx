import { useMemo } from "react";
import type { OrderedItem } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { type Column, DataTable } from "../../ui/DataTable";
import { Link } from "../../url/Link";
import { at } from "../../url/routes";

/** What was ordered, and how much of it has arrived. */
export function OrderLines({ items }: { items: OrderedItem[] }) {
  const { quantity, unitCost, money } = useFormats();
  const columns = useMemo<Column<OrderedItem>[]>(
    () => [
      {
        id: "product",
        header: "Product",
        cell: (line) => (
          <span>
            <Link to={at("/products", line.item_id)}>{line.product_name}</Link>{" "}
            <small className="soft">{line.supplier_sku ?? line.item_id}</small>
          </span>
        ),
      },
      { id: "quantity", header: "Ordered", numeric: true, cell: (line) => quantity(line.quantity) },
      { id: "received", header: "Arrived", numeric: true, cell: (line) => quantity(line.received) },
      { id: "outstanding", header: "To come", numeric: true, cell: (line) => quantity(line.outstanding) },
      { id: "unit_cost", header: "Unit cost", numeric: true, cell: (line) => unitCost(line.unit_cost) },
      { id: "total_price", header: "Total", numeric: true, cell: (line) => money(line.total_price) },
    ],
    [quantity, unitCost, money],
  );
  return <DataTable caption="Lines of the order" columns={columns} rows={items} rowId={(line) => line.item_id} />;
}
