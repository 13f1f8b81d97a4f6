import { useMemo, useState } from "react";
import type { ProductDetail, ProductRow } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { type Column, DataTable } from "../../ui/DataTable";
import { Section } from "../../ui/Page";
import { Status } from "../../ui/Status";
import { CorrectDialog } from "./CorrectDialog";
import { MoveDialog } from "./MoveDialog";

interface Props {
  product: ProductDetail;
  names: ReadonlyMap<string, string>;
}

type Open = { what: "correct" | "move"; row: ProductRow } | null;

/** The stock of each location, where it may be corrected and moved. */
export function Places({ product, names }: Props) {
  const { quantity, days, percent } = useFormats();
  const mayEdit = useMay("edit_products");
  const [open, setOpen] = useState<Open>(null);
  const several = product.stock_per_location.length > 0;
  const columns = useMemo<Column<ProductRow>[]>(() => {
    const shown: Column<ProductRow>[] = [
      { id: "location", header: "Location", cell: (row) => names.get(row.location_id ?? "") ?? row.location_id },
      { id: "status", header: "Status", cell: (row) => <Status status={row.status} /> },
      { id: "current_stock", header: "In stock", numeric: true, cell: (row) => quantity(row.current_stock) },
      { id: "on_order", header: "On order", numeric: true, cell: (row) => quantity(row.on_order) },
      {
        id: "demand",
        header: "Expected in 30 days",
        numeric: true,
        wide: true,
        cell: (row) => quantity(Math.round(row.forecasted_demand_30d * 10) / 10),
      },
      { id: "dir", header: "Lasts", numeric: true, cell: (row) => days(row.dir) },
      {
        id: "risk",
        header: "Stockout risk",
        numeric: true,
        wide: true,
        cell: (row) => percent(row.stockout_risk),
      },
    ];
    if (!mayEdit) return shown;
    const name = (row: ProductRow) => names.get(row.location_id ?? "") ?? row.location_id;
    return [
      ...shown,
      {
        id: "edit",
        header: "Stock there",
        cell: (row) => (
          <span className="actions">
            <Button
              kind="quiet"
              aria-label={`Correct the stock in ${name(row)}`}
              onClick={() => setOpen({ what: "correct", row })}
            >
              Correct
            </Button>
            <Button
              kind="quiet"
              disabled={row.current_stock <= 0}
              aria-label={`Move stock from ${name(row)}`}
              onClick={() => setOpen({ what: "move", row })}
            >
              Move
            </Button>
          </span>
        ),
      },
    ];
  }, [quantity, days, percent, names, mayEdit]);
  const close = () => setOpen(null);
  return (
    <Section title="Stock per location">
      {several ? (
        <DataTable
          caption="Stock per location"
          columns={columns}
          rows={product.stock_per_location}
          rowId={(row) => row.location_id ?? ""}
        />
      ) : (
        <p className="soft">No location is known to keep it.</p>
      )}
      {open?.what === "correct" && (
        <CorrectDialog row={open.row} place={names.get(open.row.location_id ?? "")} onClose={close} />
      )}
      {open?.what === "move" && <MoveDialog product={product} from={open.row} onClose={close} />}
    </Section>
  );
}
