import { useMemo, useState } from "react";
import type { CartGroup, CartLineView } from "stockcast-client";
import type { Formats } from "../../format/format";
import { useFormats } from "../../format/useFormats";
import { type Column, DataTable } from "../../ui/DataTable";
import { Section } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { Badge } from "../../ui/Status";
import { Link } from "../../url/Link";
import { at } from "../../url/routes";
import { CartQuantity } from "./CartQuantity";
import { errorOf, warningsOf } from "./notices";
import { wrongFirst } from "./orderable";
import { RemoveLine } from "./RemoveLine";

const PAGE_SIZE = 50;

/** The lines of one supplier, which become one order. */
export function CartSupplier({ group }: { group: CartGroup }) {
  const formats = useFormats();
  const { money, count } = formats;
  const columns = useMemo(() => columnsOf(formats), [formats]);
  const name = group.supplier_name ?? group.supplier_id;
  const lines = group.lines.length;
  const shown = useMemo(() => wrongFirst(group.lines), [group.lines]);
  const [page, setPage] = useState(1);
  const current = Math.min(page, Math.ceil(lines / PAGE_SIZE));
  return (
    <Section
      title={name}
      note={
        <span className="cart-note">
          <strong>{money(group.total_cost)}</strong>
          <span>
            {count(lines)} {lines === 1 ? "line" : "lines"}
          </span>
          {group.shortfall > 0 ? (
            <Badge tone="warn">
              {`${money(group.shortfall)} below the minimum of ${money(group.minimum_order_value ?? 0)}`}
            </Badge>
          ) : (
            group.minimum_order_value !== null && (
              <Badge tone="good">{`Minimum of ${money(group.minimum_order_value)} reached`}</Badge>
            )
          )}
        </span>
      }
    >
      <div className="stack">
        <DataTable
          caption={`To be ordered from ${name}`}
          columns={columns}
          rows={shown.slice((current - 1) * PAGE_SIZE, current * PAGE_SIZE)}
          rowId={(line) => line.item_id}
        />
        {lines > PAGE_SIZE && (
          <Pager page={current} pageSize={PAGE_SIZE} total={lines} things={`lines of ${name}`} onPage={setPage} />
        )}
      </div>
      {group.shortfall > 0 && (
        <p className="cart-fill">
          <Link to={`/planning?supplier_id=${encodeURIComponent(group.supplier_id)}`}>
            What else could be ordered from {name}
          </Link>
        </p>
      )}
    </Section>
  );
}

function columnsOf({ money, unitCost }: Formats): Column<CartLineView>[] {
  return [
    {
      id: "product_name",
      header: "Product",
      cell: (line) => (
        <span className="cart-product">
          <Link to={at("/products", line.item_id)}>{line.product_name ?? line.item_id}</Link>{" "}
          <small className="soft">{line.item_id}</small>
          <Notices line={line} />
        </span>
      ),
    },
    { id: "quantity", header: "Quantity", numeric: true, cell: (line) => <CartQuantity line={line} /> },
    {
      id: "unit_cost",
      header: "Unit price",
      numeric: true,
      wide: true,
      cell: (line) => (line.unit_cost === null ? "–" : unitCost(line.unit_cost)),
    },
    {
      id: "total_price",
      header: "Total",
      numeric: true,
      cell: (line) => (line.total_price === null ? "–" : money(line.total_price)),
    },
    {
      id: "lead_time_days",
      header: "Lead time",
      numeric: true,
      wide: true,
      cell: (line) => (line.lead_time_days === null ? "–" : `${line.lead_time_days} days`),
    },
    { id: "actions", header: "Remove", cell: (line) => <RemoveLine line={line} /> },
  ];
}

/** Why the line cannot be ordered, and what to think of before it is. */
function Notices({ line }: { line: CartLineView }) {
  const { quantity } = useFormats();
  const error = errorOf(line, quantity);
  const warnings = warningsOf(line);
  if (error === null && warnings.length === 0) return null;
  return (
    <ul className="cart-notices">
      {error !== null && <li className="bad-text">{error}</li>}
      {warnings.map((text) => (
        <li key={text} className="soft">
          {text}
        </li>
      ))}
    </ul>
  );
}
