import { useMemo } from "react";
import type { Suggestion, SuggestionGroup } from "stockcast-client";
import type { Formats } from "../../format/format";
import { useFormats, useToday } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { type Column, DataTable } from "../../ui/DataTable";
import { Badge } from "../../ui/Status";
import { Link } from "../../url/Link";
import { at } from "../../url/routes";
import { useDrafting } from "./Drafting";
import { priceOf } from "./drafts";
import { QuantityField } from "./QuantityField";
import { Why } from "./Why";

interface Props {
  group: SuggestionGroup;
  /** The lines are those of one location, each with its share of the order. */
  located: boolean;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
}

/** The lines of a supplier, the most sales at risk first. */
export function Lines({ group, located, selected, onSelect }: Props) {
  const { supplier_id: supplierId, supplier_name: name, lines } = group;
  const formats = useFormats();
  const today = useToday();
  const mayOrder = useMay("order") && supplierId !== null;
  const columns = useMemo(
    () => columnsOf(formats, today, located, mayOrder ? supplierId : null),
    [formats, today, located, mayOrder, supplierId],
  );
  return (
    <DataTable
      caption={`To order from ${name ?? "no supplier"}`}
      columns={columns}
      rows={lines}
      rowId={itemId}
      rowName={(line) => line.product_name}
      selected={mayOrder ? new Set(lines.map(itemId).filter((id) => selected.has(id))) : undefined}
      onSelect={mayOrder ? onSelect : undefined}
    />
  );
}

const itemId = (line: Suggestion): string => line.item_id;

/** `orderedFrom` is the supplier for those who may order; null: quantities are read only. */
function columnsOf(
  { quantity, money, percent, days, date }: Formats,
  today: string,
  located: boolean,
  orderedFrom: string | null,
): Column<Suggestion>[] {
  return [
    {
      id: "product_name",
      header: "Product",
      cell: (line) => (
        <span className="line-product">
          <Link to={at("/products", line.item_id)}>{line.product_name}</Link>{" "}
          <small className="soft">{line.item_id}</small> {line.in_cart && <Badge tone="info">In cart</Badge>}
        </span>
      ),
    },
    {
      id: "quantity",
      header: "Quantity",
      numeric: true,
      cell: (line) => (
        <span>
          {orderedFrom !== null && !line.in_cart ? (
            <QuantityField line={line} supplierId={orderedFrom} />
          ) : (
            quantity(line.order_quantity)
          )}
          {located && <small className="soft block">{quantity(line.quantity)} of it for here</small>}
        </span>
      ),
    },
    { id: "total_price", header: "Total", numeric: true, cell: (line) => <Price line={line} /> },
    {
      id: "sales_at_risk",
      header: "Sales at risk",
      numeric: true,
      cell: (line) => <Two above={money(line.sales_at_risk)} below={`${percent(line.stockout_risk)} risk`} />,
    },
    {
      id: "days_of_cover_after_receipt",
      header: "Lasts",
      numeric: true,
      wide: true,
      cell: (line) => <Two above={days(line.dir)} below={`then ${days(line.days_of_cover_after_receipt)}`} />,
    },
    {
      id: "order_by_date",
      header: "Order by",
      numeric: true,
      cell: (line) => (
        <Two
          above={line.order_by_date === null ? "–" : line.order_by_date <= today ? "today" : date(line.order_by_date)}
          below={`arrives ${date(line.expected_arrival)}`}
        />
      ),
    },
    { id: "actions", header: "Why", cell: (line) => <Actions line={line} /> },
  ];
}

const Two = ({ above, below }: { above: string; below: string }) => (
  <span>
    {above}
    <small className="soft block">{below}</small>
  </span>
);

function Price({ line }: { line: Suggestion }) {
  const { money, unitCost } = useFormats();
  const price = priceOf(line, useDrafting().drafts);
  return (
    <Two
      above={price === null ? "–" : money(price)}
      below={line.unit_cost === null ? "no supplier" : `${unitCost(line.unit_cost)} each`}
    />
  );
}

function Actions({ line }: { line: Suggestion }) {
  const { putOff } = useDrafting();
  return (
    <span className="line-actions">
      <Why line={line} />
      {useMay("edit_products") && (
        <Button kind="quiet" aria-label={`Not now: ${line.product_name}`} onClick={() => putOff(line)}>
          Not now
        </Button>
      )}
    </span>
  );
}
