import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type AccuracyQuery, accuracy } from "../../api/forecasts";
import { products } from "../../api/products";
import { useFormats } from "../../format/useFormats";
import { DataTable } from "../../ui/DataTable";
import { SelectField } from "../../ui/Field";
import { Section } from "../../ui/Page";
import { Empty, QueryView } from "../../ui/QueryView";
import { useSearch } from "../../url/location";
import { columnsOf } from "./columns";
import { figuresOf, type QualityRow, type Span, worstFirst } from "./figures";

type Group = NonNullable<AccuracyQuery["group_by"]>;

const GROUPS: readonly [Group, string, string][] = [
  ["recency", "How recently it sold", "Since when a product had not sold, on the day that it was forecast"],
  ["demand_pattern", "Demand pattern", "How a product sells: steadily, now and then, in lumps"],
  ["category", "Category", "Categories, those that sell most first"],
  ["lag", "Days ahead", "How many days ahead a day was forecast"],
  ["item", "Worst products", "Of the 200 products that sell most, those that were off by the most units"],
];
const SPANS: readonly [Span, string][] = [
  ["28", "Four weeks together"],
  ["7", "A week together"],
  ["1", "Single days"],
];
const LAGS = ["1", "7", "14", "28"] as const;
const BEST_SELLERS = 200;
const WORST = 20;

/** The same figures for groups of products, and the products that were off by the most. */
export function Breakdown() {
  const [search, setSearch] = useSearch();
  const formats = useFormats();
  const [group, label, about] =
    GROUPS.find(([id]) => id === search.get("by")) ?? (GROUPS[0] as (typeof GROUPS)[number]);
  const byLag = group === "lag";
  const span: Span = byLag ? "1" : (SPANS.find(([id]) => id === search.get("span"))?.[0] ?? "28");
  const lag = LAGS.find((each) => each === search.get("lag")) ?? "7";
  const page = useQuery(
    accuracy({
      group_by: group,
      page_size: group === "item" ? BEST_SELLERS : 100,
      lag: span === "1" && !byLag ? (Number(lag) as AccuracyQuery["lag"]) : undefined,
    }),
  );
  const rows = useMemo(() => {
    const figures = (page.data?.items ?? []).flatMap((row) => figuresOf(row, span) ?? []);
    return group === "item" ? worstFirst(figures).slice(0, WORST) : figures;
  }, [page.data, span, group]);
  const names = useNames(group === "item" ? rows : []);
  const columns = useMemo(() => columnsOf(formats, group, span, names), [formats, group, span, names]);

  return (
    <Section title={group === "item" ? label : `By ${label.toLowerCase()}`} note={about}>
      <div className="stack">
        <div className="row">
          <SelectField
            label="Show by"
            value={group}
            onChange={({ target }) => setSearch({ by: target.value === "recency" ? null : target.value })}
          >
            {GROUPS.map(([id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </SelectField>
          {!byLag && (
            <SelectField
              label="Demand of"
              value={span}
              onChange={({ target }) => setSearch({ span: target.value === "28" ? null : target.value })}
            >
              {SPANS.map(([id, label]) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </SelectField>
          )}
          {span === "1" && !byLag && (
            <SelectField
              label="Days ahead"
              value={lag}
              onChange={({ target }) => setSearch({ lag: target.value === "7" ? null : target.value })}
            >
              {LAGS.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </SelectField>
          )}
        </div>
        <QueryView query={page} height="22rem">
          {() =>
            rows.length === 0 ? (
              <Empty title="No such days are over yet." />
            ) : (
              <DataTable
                caption="Accuracy of the forecasts"
                columns={columns}
                rows={rows}
                rowId={(row) => row.group ?? "none"}
              />
            )
          }
        </QueryView>
        <Meaning span={span} ofProducts={group === "item"} />
      </div>
    </Section>
  );
}

/** What products are called: the figures know their ids. */
function useNames(rows: readonly QualityRow[]): ReadonlyMap<string, string> {
  const ids = rows.flatMap(({ group }) => group ?? []);
  const found = useQuery({
    ...products({ item_id: ids, page_size: WORST, fields: "item_id,product_name" }),
    enabled: ids.length > 0,
  });
  return useMemo(
    () => new Map((found.data?.items ?? []).map(({ item_id, product_name }) => [item_id, product_name])),
    [found.data],
  );
}

function Meaning({ span, ofProducts }: { span: Span; ofProducts: boolean }) {
  return (
    <details className="meaning">
      <summary>What the figures mean</summary>
      <dl className="facts">
        <dt>Sold</dt>
        <dd>
          Units sold on the days that count. Days without stock and without a sale do not: nobody knows their demand.
        </dd>
        <dt>{ofProducts ? "Forecast" : "Forecast for 100 sold"}</dt>
        <dd>
          {ofProducts ? "Units forecast for the same days. " : ""}Above {ofProducts ? "what sold" : "100"} too much was
          forecast, which becomes stock; below it too little, which runs out.
        </dd>
        <dt>Off by</dt>
        <dd>
          The units by which forecasts missed, too high or too low, for 100 units sold. What sells rarely is always off
          by much: nobody knows on which day it sells.
        </dd>
        {span === "1" && (
          <>
            <dt>Better than naive</dt>
            <dd>How many units of 100 less that is than if each day sold what the same weekday did the week before.</dd>
          </>
        )}
        {!ofProducts && (
          <>
            <dt>Below 80, 90, 95</dt>
            <dd>
              How often demand stayed below what the forecast said it would in 80, 90 or 95 of 100 cases. Lower than
              that: stock runs out more often than planned. Higher: safety stock is larger than it need be, or nothing
              was sold.
            </dd>
          </>
        )}
      </dl>
    </details>
  );
}
