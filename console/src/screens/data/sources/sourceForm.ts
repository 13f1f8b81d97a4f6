/** A source as its form has it, and as the API takes it. Pure. */
import type { SourceBody, SourceView } from "stockcast-client";
import { numberOrNull, textOrNull } from "../../../ui/changes";
import { withoutNulls } from "../upload/reading";

export interface SourceValues {
  source_id: string;
  kind: "sql" | "bigquery";
  schedule: "daily" | "manual";
  url: string;
  secret: string;
  project: string;
  dataset: string;
  location: string;
  timeout_seconds: string;
  /** What is read, as JSON. */
  entities: string;
}

const EXAMPLE = {
  products: { table: "items", mapping: { item_id: "code", product_name: "name", unit_cost: "cost" } },
  "stock-levels": { table: "stock", mapping: { item_id: "code", location_id: "place", current_stock: "units" } },
  "sales-history": {
    query: "SELECT sku, sold_at, qty FROM sales WHERE sold_at >= :start_date AND sold_at < :end_date + 1",
    mapping: { item_id: "sku", date_local: "sold_at", units_sold: "qty", location_id: { constant: "SHOP" } },
  },
};

export const NEW_SOURCE: SourceValues = {
  source_id: "",
  kind: "sql",
  schedule: "daily",
  url: "",
  secret: "",
  project: "",
  dataset: "",
  location: "",
  timeout_seconds: "",
  entities: JSON.stringify(EXAMPLE, null, 2),
};

export function valuesOf(source: SourceView): SourceValues {
  const sql = source.kind === "sql" ? source : null;
  const bigquery = source.kind === "bigquery" ? source : null;
  return {
    source_id: source.source_id,
    kind: source.kind,
    schedule: source.schedule,
    url: sql?.url ?? "",
    secret: sql?.secret ?? "",
    project: bigquery?.project ?? "",
    dataset: bigquery?.dataset ?? "",
    location: bigquery?.location ?? "",
    timeout_seconds: String(source.timeout_seconds),
    entities: JSON.stringify(entitiesOf(source), null, 2),
  };
}

/** What is read, without how far it has come and what was not said. */
function entitiesOf(source: SourceView): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(source.entities).map(([kind, { last_run: _, watermark: __, overlap_days, mapping, ...entity }]) => [
      kind,
      withoutNulls({
        ...entity,
        mapping: Object.keys(mapping).length > 0 ? mapping : undefined,
        overlap_days: kind === "sales-history" ? overlap_days : undefined,
      }),
    ]),
  );
}

/** The source as it is sent; throws SyntaxError where the entities are no JSON. */
export function bodyOf(values: SourceValues): SourceBody {
  const timeout = numberOrNull(values.timeout_seconds);
  const common = {
    schedule: values.schedule,
    entities: JSON.parse(values.entities),
    ...(timeout === null ? {} : { timeout_seconds: timeout }),
  };
  return values.kind === "sql"
    ? { kind: "sql", url: values.url.trim(), secret: textOrNull(values.secret), ...common }
    : {
        kind: "bigquery",
        project: values.project.trim(),
        dataset: values.dataset.trim(),
        location: textOrNull(values.location),
        ...common,
      };
}

/** What is wrong with the JSON; null: nothing. */
export function jsonFault(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? null
      : "It has to be an object: { … }";
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : error}`;
  }
}

/** "entities/products/mapping/item_id" as a place that one finds: "products › mapping › item_id". */
export const placeOf = (path: string): string =>
  path
    .split("/")
    .filter((part) => part !== "entities" && part !== "[key]")
    .join(" › ");
