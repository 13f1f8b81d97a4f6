import type { ProductRow } from "stockcast-client";
import type { Formats } from "../../format/format";
import type { Column } from "../../ui/DataTable";
import { Status } from "../../ui/Status";
import { Link } from "../../url/Link";
import { href } from "../../url/location";
import { at } from "../../url/routes";
import { LIFECYCLES } from "./filters";

/** What is shown where nobody has chosen columns. */
export const DEFAULT_COLUMNS: readonly string[] = [
  "product_name",
  "status",
  "current_stock",
  "on_order",
  "dir",
  "stockout_risk",
  "sales_at_risk",
  "inventory_value",
  "supplier_name",
];

/** On a phone's short cards, where nobody has chosen columns. */
const ON_CARDS = new Set(["product_name", "status", "current_stock", "dir", "sales_at_risk"]);

export const productAddress = (row: ProductRow): string =>
  href(at("/products", row.item_id), { location_id: row.location_id });

/** The columns that are asked for, in their usual order; those of nobody's choice are fewer on a phone. */
export function columnsOf(
  formats: Formats,
  locations: ReadonlyMap<string, string>,
  chosen: boolean,
): Column<ProductRow>[] {
  const columns = allColumns(formats, locations);
  return chosen ? columns : columns.map((column) => ({ ...column, wide: !ON_CARDS.has(column.id) }));
}

function allColumns(formats: Formats, locations: ReadonlyMap<string, string>): Column<ProductRow>[] {
  const { quantity, money, unitCost, percent, days, date } = formats;
  const figure = (
    id: keyof ProductRow & string,
    header: string,
    cell: (row: ProductRow) => string,
    largestFirst = true,
  ): Column<ProductRow> => ({ id, header, cell, numeric: true, sortable: true, largestFirst });
  const word = (
    id: keyof ProductRow & string,
    header: string,
    cell: Column<ProductRow>["cell"],
  ): Column<ProductRow> => ({ id, header, cell, sortable: true });
  return [
    word("product_name", "Product", (row) => (
      <>
        <Link to={productAddress(row)}>{row.product_name}</Link> <small className="soft">{row.item_id}</small>
      </>
    )),
    word("sku", "SKU", (row) => row.sku ?? "–"),
    word("location_id", "Location", (row) =>
      row.location_id ? (locations.get(row.location_id) ?? row.location_id) : "All",
    ),
    word("status", "Status", (row) => <Status status={row.status} />),
    word("category", "Category", (row) => row.category),
    figure("current_stock", "In stock", (row) => quantity(row.current_stock), false),
    figure("on_order", "On order", (row) => quantity(row.on_order)),
    figure("inventory_position", "Position", (row) => quantity(row.inventory_position), false),
    figure("dir", "Lasts", (row) => days(row.dir), false),
    figure("expected_daily_demand", "Expected a day", (row) => quantity(tenths(row.expected_daily_demand))),
    figure("forecasted_demand_30d", "Expected in 30 days", (row) => quantity(tenths(row.forecasted_demand_30d))),
    figure("stockout_risk", "Stockout risk", (row) => percent(row.stockout_risk)),
    figure("sales_at_risk", "Sales at risk", (row) => money(row.sales_at_risk)),
    figure("excess_value", "Excess value", (row) => money(row.excess_value)),
    figure("inventory_value", "Value", (row) => money(row.inventory_value)),
    figure("unit_cost", "Unit cost", (row) => unitCost(row.unit_cost)),
    word("lifecycle", "Lifecycle", (row) => LIFECYCLES[row.lifecycle]),
    word("abc", "ABC", (row) => row.abc ?? "–"),
    word("xyz", "XYZ", (row) => row.xyz ?? "–"),
    word("last_sale", "Last sale", (row) => (row.last_sale ? date(row.last_sale) : "never")),
    figure("lead_time_days", "Lead time", (row) => days(row.lead_time_days)),
    word("supplier_name", "Supplier", (row) => row.supplier_name ?? "–"),
    word("needs_review", "Review", (row) => (row.needs_review ? "needed" : "–")),
  ];
}

/** An expectation is no exacter than that. */
const tenths = (units: number): number => Math.round(units * 10) / 10;

/** The fields of the API that a file of these columns has. */
export const fieldsOf = (columns: readonly string[]): string =>
  columns.flatMap((id) => (id === "product_name" ? ["item_id", id] : [id])).join(",");
