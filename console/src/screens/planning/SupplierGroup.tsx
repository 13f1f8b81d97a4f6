import { useId, useState } from "react";
import type { SuggestionGroup } from "stockcast-client";
import { useFormats, useToday } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { Badge } from "../../ui/Status";
import { Link } from "../../url/Link";
import { changed, useSearch } from "../../url/location";
import { at } from "../../url/routes";
import { useDrafting } from "./Drafting";
import { type Addition, groupFigures } from "./drafts";
import { FillItems } from "./FillItems";
import { Lines } from "./Lines";

interface Props {
  group: SuggestionGroup;
  /** It is open when the screen is. */
  first: boolean;
  /** The lines are those of one location. */
  located: boolean;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  /** All of its lines; null: they cannot be ordered. */
  addAll: Addition | null;
  onAdd: (addition: Addition) => void;
  adding: boolean;
}

/** What to order from a supplier: what it costs, whether it reaches the minimum, how urgent it is, and its lines. */
export function SupplierGroup({ group, first, located, selected, onSelect, addAll, onAdd, adding }: Props) {
  const { count } = useFormats();
  const { drafts } = useDrafting();
  const [search] = useSearch();
  const mayOrder = useMay("order");
  const [open, setOpen] = useState(first);
  const id = useId();
  const { cost, shortfall } = groupFigures(group, drafts, !located);
  const elsewhere = group.line_count - group.lines.length;
  const name = group.supplier_name ?? "No supplier";
  return (
    <section className="card supplier-group" aria-labelledby={`${id}-name`}>
      <header>
        <h2 id={`${id}-name`}>
          <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            <span aria-hidden="true">{open ? "▾" : "▸"}</span> {name}
          </button>
        </h2>
        <Summary group={group} cost={cost} shortfall={shortfall} />
        {mayOrder && addAll && (
          <Button disabled={adding} onClick={() => onAdd(addAll)}>
            {addAll.of === "supplier"
              ? `Add all ${count(group.line_count)} lines`
              : `Add these ${count(addAll.of === "lines" ? addAll.itemIds.length : 0)} lines`}
            <span className="visually-hidden"> of {name}</span>
          </Button>
        )}
      </header>
      <div id={id} hidden={!open} className="stack">
        {open && (
          <>
            {group.hint && (
              <p className="note">
                No supplier is linked to these products. Link one on the product's page to order them.
              </p>
            )}
            {group.shortfall > 0 && <FillItems group={group} />}
            <Lines group={group} located={located} selected={selected} onSelect={onSelect} />
            {elsewhere > 0 && group.supplier_id && (
              <p className="soft">
                {count(elsewhere)} more on other pages.{" "}
                <Link to={`/planning?${changed(search, { supplier_id: group.supplier_id, page: null })}`}>
                  All {count(group.line_count)} lines of {name}
                </Link>{" "}
                · <Link to={at("/suppliers", group.supplier_id)}>The supplier</Link>
              </p>
            )}
          </>
        )}
      </div>
    </section>
  );
}

interface SummaryProps {
  group: SuggestionGroup;
  cost: number | null;
  shortfall: number;
}

function Summary({ group, cost, shortfall }: SummaryProps) {
  const { money, count, date } = useFormats();
  const today = useToday();
  const { minimum_order_value: minimum, order_by_date: by } = group;
  return (
    <p className="supplier-summary">
      <strong className="numeric">{cost === null ? "no price" : money(cost)}</strong>
      <span>
        {count(group.line_count)} {group.line_count === 1 ? "line" : "lines"}
      </span>
      {shortfall > 0 ? (
        <Badge tone="warn">{`${money(shortfall)} below the minimum of ${money(minimum ?? 0)}`}</Badge>
      ) : (
        minimum !== null && <Badge tone="good">{`Minimum of ${money(minimum)} reached`}</Badge>
      )}
      {by && <Badge tone={by <= today ? "bad" : "quiet"}>{by <= today ? "Order today" : `Order by ${date(by)}`}</Badge>}
      {group.sales_at_risk > 0 && <span className="soft">{money(group.sales_at_risk)} at risk</span>}
    </p>
  );
}
