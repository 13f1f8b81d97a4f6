/** The filters of the list of products: those of the API, by the same names, and what each says in words. */
import type { StockStatus } from "stockcast-client";
import type { ProductsQuery } from "../../api/products";
import type { Formats } from "../../format/format";
import { statusName } from "../../ui/Status";
import type { Changes } from "../../url/location";

type NoFilter = "client_id" | "page" | "page_size" | "fields" | "search" | "sort" | "order";
export type FilterName = Exclude<keyof ProductsQuery, NoFilter>;
export type RangeField = { [K in FilterName]: K extends `min_${infer Field}` ? Field : never }[FilterName];
type ChoiceName = Exclude<FilterName, `min_${string}` | `max_${string}`>;
type Unit = "quantity" | "money" | "unitCost" | "days" | "percent" | "date";

/** Ranges of figures, in the order of the form. */
export const RANGES: Record<RangeField, { label: string; unit: Unit }> = {
  current_stock: { label: "In stock", unit: "quantity" },
  on_order: { label: "On order", unit: "quantity" },
  inventory_position: { label: "Inventory position", unit: "quantity" },
  dir: { label: "Lasts", unit: "days" },
  stockout_risk: { label: "Stockout risk", unit: "percent" },
  sales_at_risk: { label: "Sales at risk", unit: "money" },
  excess_value: { label: "Excess value", unit: "money" },
  inventory_value: { label: "Inventory value", unit: "money" },
  unit_cost: { label: "Unit cost", unit: "unitCost" },
  expected_daily_demand: { label: "Expected a day", unit: "quantity" },
  forecasted_demand_30d: { label: "Expected in 30 days", unit: "quantity" },
  lead_time_days: { label: "Lead time", unit: "days" },
  last_sale: { label: "Last sale", unit: "date" },
  as_of: { label: "Figures of", unit: "date" },
};

export const LIFECYCLES = {
  new: "New",
  active: "Active",
  slow: "Slow",
  sleeping: "Sleeping",
  dead: "Dead",
} as const;

export const ALERTS = {
  stockout_imminent: "Runs out soon",
  out_of_stock: "Out of stock",
  dead_stock: "Dead stock",
  needs_review: "Needs review",
  no_forecast: "No forecast",
} as const;

/** Whose names the API tells by id. */
export interface Names {
  suppliers: ReadonlyMap<string, string>;
  locations: ReadonlyMap<string, string>;
}

const named = (words: Record<string, string>) => (value: string) => words[value] ?? value;
const plain = (value: string): string => value;

/** What a value of each other filter says. */
const CHOICES: Record<ChoiceName, (value: string, names: Names) => string> = {
  status: (value) => statusName(value as StockStatus) ?? value,
  category: plain,
  supplier_id: (value, { suppliers }) => suppliers.get(value) ?? value,
  supplier_name: plain,
  location_id: (value, { locations }) => locations.get(value) ?? value,
  lifecycle: named(LIFECYCLES),
  abc: plain,
  xyz: plain,
  item_id: plain,
  sku: plain,
  product_name: plain,
  alert: named(ALERTS),
  dead_stock: named({ true: "Dead stock", false: "Not dead stock" }),
  do_not_order: named({ true: "Not to be ordered", false: "May be ordered" }),
  needs_review: named({ true: "Needs review", false: "Needs no review" }),
  marketing_threshold: named({
    below: "Lasts less than the marketing threshold",
    above: "Lasts more than the marketing threshold",
  }),
};

const LABELS: Partial<Record<ChoiceName, string>> = {
  status: "Status",
  category: "Category",
  supplier_id: "Supplier",
  supplier_name: "Supplier",
  location_id: "Location",
  lifecycle: "Lifecycle",
  abc: "ABC",
  xyz: "XYZ",
  item_id: "Product",
  sku: "SKU",
  product_name: "Name",
  alert: "Alert",
};

const FILTERS: readonly string[] = [
  ...Object.keys(CHOICES),
  ...Object.keys(RANGES).flatMap((field) => [`min_${field}`, `max_${field}`]),
];
const PASSED: readonly string[] = [...FILTERS, "search", "sort", "order", "page", "page_size"];

/** The query of the API that the address asks for; what belongs to the screen alone is left out. */
export function queryOf(search: URLSearchParams, without: readonly string[] = []): ProductsQuery {
  const query: Record<string, unknown> = {};
  for (const name of PASSED) {
    const values = search.getAll(name).filter(Boolean);
    if (values.length > 0 && !without.includes(name)) query[name] = values.length > 1 ? values : values[0];
  }
  return query as ProductsQuery;
}

export interface Chip {
  text: string;
  /** What takes the filter away again. */
  removal: Changes;
}

/** Every filter of the address in words, each with what removes it. */
export function chipsOf(search: URLSearchParams, formats: Formats, names: Names): Chip[] {
  const chips: Chip[] = [];
  for (const [name, words] of Object.entries(CHOICES) as [ChoiceName, (typeof CHOICES)[ChoiceName]][]) {
    const values = search.getAll(name).filter(Boolean);
    for (const value of values) {
      const label = LABELS[name];
      chips.push({
        text: label ? `${label}: ${words(value, names)}` : words(value, names),
        removal: { [name]: values.filter((other) => other !== value) },
      });
    }
  }
  for (const [field, { label, unit }] of Object.entries(RANGES)) {
    const [least, most] = [search.get(`min_${field}`), search.get(`max_${field}`)];
    if (!least && !most) continue;
    chips.push({
      text: `${label}: ${span(least, most, unit, formats)}`,
      removal: { [`min_${field}`]: null, [`max_${field}`]: null },
    });
  }
  return chips;
}

/** All filters and the search taken away. */
export const RESET: Changes = { ...Object.fromEntries(FILTERS.map((name) => [name, null])), search: null, page: null };

function span(least: string | null, most: string | null, unit: Unit, formats: Formats): string {
  const figure = (text: string): string => figureOf(text, unit, formats);
  if (least && most) return least === most ? figure(least) : `${figure(least)} to ${figure(most)}`;
  if (unit === "date") return least ? `from ${figure(least)}` : `until ${figure(most ?? "")}`;
  return least ? `${figure(least)} or more` : `${figure(most ?? "")} or less`;
}

/** A bound as it is written; what is no figure as it stands, so that one sees what the API refuses. */
function figureOf(text: string, unit: Unit, formats: Formats): string {
  if (unit === "date") return /^\d{4}-\d{2}-\d{2}$/.test(text) ? formats.date(text) : text;
  const figure = Number(text);
  if (Number.isNaN(figure)) return text;
  return formats[unit](figure);
}
