import { useMemo, useState } from "react";
import type { Suggestion, SuggestionGroup, Suggestions } from "stockcast-client";
import type { SuggestionsQuery } from "../../api/planning";
import { useFormats } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { Pager } from "../../ui/Pager";
import { Link } from "../../url/Link";
import { href, useSearch } from "../../url/location";
import { additionFilters, limited } from "./address";
import { type Drafting, DraftingProvider } from "./Drafting";
import { type Addition, type Drafts, entered, priceOf, problemOf } from "./drafts";
import { usePlaceNames } from "./Filters";
import { NotNowDialog } from "./NotNowDialog";
import { SupplierGroup } from "./SupplierGroup";
import { useAddition } from "./useAddition";

const NONE: ReadonlySet<string> = new Set();

interface Props {
  suggestions: Suggestions;
  query: SuggestionsQuery;
}

/** The lines of a page by supplier, what of them is chosen, and in which quantities. */
export function Suppliers({ suggestions, query }: Props) {
  const { money, count } = useFormats();
  const [, setSearch] = useSearch();
  const mayOrder = useMay("order");
  const places = usePlaceNames();
  const [drafts, setDrafts] = useState<Drafts>(new Map());
  const [selected, setSelected] = useState(NONE);
  const [notNow, setNotNow] = useState<Suggestion>();
  const drafting = useMemo<Drafting>(
    () => ({
      drafts,
      enter: (line, supplierId, text) => setDrafts((now) => entered(now, line, supplierId, text)),
      putOff: setNotNow,
      placeName: (locationId) => places.get(locationId) ?? locationId,
    }),
    [drafts, places],
  );
  const filters = additionFilters(query);
  const add = useAddition(filters, drafts, (added) => {
    setDrafts(added);
    setSelected(NONE);
  });

  const lines = suggestions.groups.flatMap((group) => group.lines);
  const chosen = lines.filter((line) => selected.has(line.item_id) && !line.in_cart);
  const price = chosen.reduce((sum, line) => sum + (priceOf(line, drafts) ?? 0), 0);
  const wrong = [...drafts.values()].some(({ line }) => problemOf(line, drafts) !== null);
  const { totals } = suggestions;
  return (
    <DraftingProvider value={drafting}>
      <p className="planning-totals">
        <strong>{count(totals.lines)}</strong> {totals.lines === 1 ? "line" : "lines"} for{" "}
        <strong>{money(totals.cost)}</strong>, with sales of <strong>{money(totals.sales_at_risk)}</strong> at risk
        {query.location_id && " there. Figures are those of this location; an order is for all locations together"}.
        {suggestions.snoozed > 0 && (
          <>
            {" "}
            <Link to={href("/recommendations", { include_dismissed: true, type: ["URGENT", "REORDER"] })}>
              {count(suggestions.snoozed)} dismissed
            </Link>{" "}
            are left out.
          </>
        )}
      </p>
      {suggestions.groups.map((group, index) => (
        <SupplierGroup
          key={group.supplier_id ?? ""}
          group={group}
          first={index === 0}
          located={query.location_id !== undefined}
          selected={selected}
          onSelect={(theirs) => setSelected(within(group, selected, theirs))}
          addAll={addAllOf(group, query, filters !== null)}
          onAdd={add.start}
          adding={add.pending}
        />
      ))}
      <Pager
        page={suggestions.page}
        pageSize={suggestions.page_size}
        total={suggestions.total}
        things="lines"
        onPage={(page) => setSearch({ page }, { push: true })}
      />
      {mayOrder && (
        <div className="planning-bar">
          <p>
            {chosen.length === 0 ? (
              <span className="soft">Select lines to order them.</span>
            ) : (
              <>
                <strong>{count(chosen.length)}</strong> {chosen.length === 1 ? "line" : "lines"} for{" "}
                <strong>{money(price)}</strong>
              </>
            )}
            {wrong && <span className="bad-text"> A quantity that you entered cannot be ordered.</span>}
          </p>
          <Button
            kind="primary"
            disabled={chosen.length === 0}
            busy={add.pending}
            onClick={() => add.start({ of: "lines", itemIds: chosen.map((line) => line.item_id) })}
          >
            Add to cart
          </Button>
          {filters && (
            <Button disabled={add.pending} onClick={() => add.start({ of: "everything" })}>
              Add all {count(totals.lines)} lines
            </Button>
          )}
        </div>
      )}
      {notNow && <NotNowDialog line={notNow} today={suggestions.as_of} onClose={() => setNotNow(undefined)} />}
    </DraftingProvider>
  );
}

/** What is selected with what is selected of a group now. */
function within(group: SuggestionGroup, selected: ReadonlySet<string>, theirs: ReadonlySet<string>) {
  const others = [...selected].filter((id) => !group.lines.some((line) => line.item_id === id));
  return new Set([...others, ...theirs]);
}

/** All lines of the group: by its supplier, or one by one where number or money have chosen them; null: not possible. */
function addAllOf(group: SuggestionGroup, query: SuggestionsQuery, filterable: boolean): Addition | null {
  if (group.supplier_id === null) return null;
  if (filterable && !limited(query)) return { of: "supplier", supplierId: group.supplier_id };
  const lines = group.lines.filter((line) => !line.in_cart);
  return lines.length ? { of: "lines", itemIds: lines.map((line) => line.item_id) } : null;
}
