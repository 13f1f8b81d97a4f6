import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { SuggestedTransfer } from "stockcast-client";
import { suggestedTransfers } from "../../api/planning";
import type { Formats } from "../../format/format";
import { useFormats } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { type Column, DataTable } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { Popover } from "../../ui/Popover";
import { Empty, QueryView } from "../../ui/QueryView";
import { Link } from "../../url/Link";
import { useSearch } from "../../url/location";
import { at } from "../../url/routes";
import { transfersQuery } from "./address";
import { ChoiceFilter, useCategoryChoices, useLocationChoices, usePlaceNames } from "./Filters";
import { MoveDialog } from "./MoveDialog";

/** What one location has beyond its own level and another lacks, those first that save most sales. */
export function TransfersView() {
  const [search, setSearch] = useSearch();
  const query = useMemo(() => transfersQuery(search), [search]);
  const list = useQuery(suggestedTransfers(query));
  const places = useLocationChoices();
  const categories = useCategoryChoices();
  const formats = useFormats();
  const mayMove = useMay("order");
  const [moving, setMoving] = useState<SuggestedTransfer>();
  const names = usePlaceNames();
  const columns = useMemo(() => columnsOf(formats, names, mayMove ? setMoving : undefined), [formats, names, mayMove]);
  return (
    <>
      <div className="row filters">
        <ChoiceFilter name="from_location_id" label="From" all="Any location" choices={places} />
        <ChoiceFilter name="to_location_id" label="To" all="Any location" choices={places} />
        <ChoiceFilter name="category" label="Category" all="All categories" choices={categories} />
      </div>
      <QueryView query={list} height="60rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <Empty title="Nothing is to be moved.">
              No location has more than it needs of what another lacks. <Link to="/planning">What to order</Link>
            </Empty>
          ) : (
            <>
              <p>
                What one location has beyond its own level and another lacks: moved first, it is not bought. Those are
                first that save most sales.
              </p>
              <DataTable
                caption="Stock to move between locations"
                columns={columns}
                rows={items}
                rowId={(move) => `${move.item_id}\n${move.from_location_id}\n${move.to_location_id}`}
              />
              <Pager
                page={page}
                pageSize={page_size}
                total={total}
                things="transfers"
                onPage={(page) => setSearch({ page }, { push: true })}
              />
            </>
          )
        }
      </QueryView>
      {moving && <MoveDialog move={moving} names={names} onClose={() => setMoving(undefined)} />}
    </>
  );
}

function columnsOf(
  { quantity, money, percent }: Formats,
  names: ReadonlyMap<string, string>,
  onMove?: (move: SuggestedTransfer) => void,
): Column<SuggestedTransfer>[] {
  const end = (locationId: string, stock: number, level?: number) => (
    <span>
      {names.get(locationId) ?? locationId}
      <small className="soft block">
        {quantity(stock)} there{level !== undefined && `, level ${quantity(Math.round(level))}`}
      </small>
    </span>
  );
  return [
    {
      id: "product_name",
      header: "Product",
      cell: (move) => (
        <span className="line-product">
          <Link to={at("/products", move.item_id)}>{move.product_name}</Link>{" "}
          <small className="soft">{move.item_id}</small>
        </span>
      ),
    },
    { id: "quantity", header: "Move", numeric: true, cell: (move) => quantity(move.quantity) },
    { id: "from", header: "From", cell: (move) => end(move.from_location_id, move.from_stock) },
    { id: "to", header: "To", cell: (move) => end(move.to_location_id, move.to_stock, move.to_order_up_to) },
    {
      id: "sales_at_risk",
      header: "Sales at risk",
      numeric: true,
      cell: (move) => (
        <span>
          {money(move.sales_at_risk)}
          <small className="soft block">{percent(move.stockout_risk)} risk</small>
        </span>
      ),
    },
    {
      id: "actions",
      header: "Why",
      cell: (move) => (
        <span className="line-actions">
          <Popover label="Why" name={`Why: ${move.product_name}`}>
            <p className="why">{move.reason}</p>
          </Popover>
          {onMove && (
            <Button aria-label={`Move ${move.product_name}`} onClick={() => onMove(move)}>
              Move
            </Button>
          )}
        </span>
      ),
    },
  ];
}
