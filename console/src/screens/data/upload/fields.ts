/** What a file of each kind may hold, by the fields of shared/domain/imports. */
import type { Aggregate, ImportKind } from "stockcast-client";
import { FIELDS } from "./fieldTable";

export interface Field {
  name: string;
  label: string;
  required: boolean;
  meaning: string;
}

interface Kind {
  kind: ImportKind;
  label: string;
  /** What such a file is, and what becomes of it. */
  about: string;
}

/** In the order in which a new client brings them. */
export const KINDS: readonly Kind[] = [
  {
    kind: "locations",
    label: "Locations",
    about: "Warehouses and shops. Adds them, and changes those of your system.",
  },
  { kind: "products", label: "Products", about: "Your articles. Adds new ones and changes what a cell says." },
  { kind: "suppliers", label: "Suppliers", about: "Whom you buy from. Adds them, and changes those of your system." },
  {
    kind: "product-suppliers",
    label: "Products of suppliers",
    about: "Who sells which product, at what cost. Adds them, and changes those of your system.",
  },
  {
    kind: "stock-levels",
    label: "Stock levels",
    about:
      "What is in stock now. The full list: what it does not name has nothing afterwards, unless you choose otherwise.",
  },
  {
    kind: "committed",
    label: "Committed units",
    about: "What customers have ordered and not been sent. The full list, unless you choose otherwise.",
  },
  {
    kind: "sales-history",
    label: "Sales history",
    about: "What sold on which day, or lines of invoices and receipts. The same file again changes nothing.",
  },
];

export const kindName = (kind: string): string => KINDS.find((each) => each.kind === kind)?.label ?? kind;

export const isKind = (text: string | null): text is ImportKind => KINDS.some(({ kind }) => kind === text);

/** The fields of a kind; of sales they depend on how they come. */
export function fieldsOf(kind: ImportKind, aggregate: Aggregate = "none"): readonly Field[] {
  const byAggregate = FIELDS[kind];
  return byAggregate?.[aggregate] ?? byAggregate?.none ?? [];
}

export const fieldName = (kind: ImportKind, name: string): string => {
  const found = [...fieldsOf(kind, "invoice_lines"), ...fieldsOf(kind)].find((field) => field.name === name);
  return found?.label ?? name;
};

/** Whether records of the kind are of a location. */
export const hasLocation = (kind: ImportKind): boolean =>
  kind !== "locations" && fieldsOf(kind).some(({ name }) => name === "location_id");

/** What a file does to records that it does not name, the usual first. */
export const MODES: Partial<Record<ImportKind, readonly { mode: "upsert" | "replace"; label: string }[]>> = {
  "sales-history": [
    { mode: "upsert", label: "Add, and change the days that it names" },
    { mode: "replace", label: "Replace all days that it spans" },
  ],
  "stock-levels": [
    { mode: "replace", label: "It is the full list: the rest has nothing" },
    { mode: "upsert", label: "Change what it names, leave the rest" },
  ],
  committed: [
    { mode: "replace", label: "It is the full list: the rest has nothing" },
    { mode: "upsert", label: "Change what it names, leave the rest" },
  ],
};
