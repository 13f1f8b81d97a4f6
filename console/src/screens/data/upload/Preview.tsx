import { useMemo } from "react";
import type { ImportKind, PreviewedRecord } from "stockcast-client";
import type { Formats } from "../../../format/format";
import { useFormats } from "../../../format/useFormats";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Section } from "../../../ui/Page";
import { fieldName, fieldsOf } from "./fields";
import type { Outcome } from "./outcome";
import { type Binding, isNothing } from "./reading";

const MONEY = new Set([
  "price",
  "revenue",
  "unit_cost",
  "unit_price",
  "supplier_cost",
  "minimum_order_value",
  "marketing_spend",
]);

/** The first records: each value as it is understood, and below it as it was given. */
export function Preview({ kind, result }: { kind: ImportKind; result: Outcome }) {
  const formats = useFormats();
  const { mapping, preview = [] } = result;
  const columns = useMemo(() => columnsOf(kind, mapping, formats), [kind, mapping, formats]);
  const read = new Set(Object.values(mapping).map(columnName));
  const unread = Object.keys(preview[0]?.given ?? {}).filter((column) => !read.has(column));
  return (
    <Section title="As it is understood" note="the first records, and below each value how it was given">
      <div className="stack preview">
        <DataTable
          caption="The first records as understood and as given"
          columns={columns}
          rows={preview}
          rowId={(row) => String(row.row)}
        />
        {unread.length > 0 && (
          <p className="soft">
            {unread.length === 1 ? "Column that is not read" : "Columns that are not read"}: {unread.join(", ")}
          </p>
        )}
      </div>
    </Section>
  );
}

const columnName = (binding: Binding): string | undefined => (typeof binding === "string" ? binding : binding.column);

function columnsOf(kind: ImportKind, mapping: Outcome["mapping"], formats: Formats): Column<PreviewedRecord>[] {
  const order = [...fieldsOf(kind, "invoice_lines"), ...fieldsOf(kind)].map(({ name }) => name);
  const fields = Object.entries(mapping)
    .filter(([, binding]) => !isNothing(binding))
    .sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  return [
    { id: "row", header: "Row", cell: ({ row }) => formats.count(row) },
    ...fields.map(([field, binding]) => {
      const column = columnName(binding);
      return {
        id: field,
        header: fieldName(kind, field),
        cell: ({ given, understood }: PreviewedRecord) => {
          const text = column === undefined ? null : (given[column] ?? "");
          return <Value field={field} given={text} understood={understood[field] ?? null} formats={formats} />;
        },
      };
    }),
  ];
}

interface ValueProps {
  field: string;
  /** null: the same value for every record. */
  given: string | null;
  understood: string | number | boolean | null;
  formats: Formats;
}

function Value({ field, given, understood, formats }: ValueProps) {
  const text = textOf(field, understood, formats);
  return (
    <div className="value">
      {text ?? (given ? <span className="unread">cannot be read</span> : "–")}
      {given === null ? (
        <small className="soft">for all</small>
      ) : (
        given.trim() !== text && given !== "" && <small className="soft given">{given}</small>
      )}
    </div>
  );
}

function textOf(field: string, value: string | number | boolean | null, formats: Formats): string | null {
  if (value === null) return null;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return MONEY.has(field) ? formats.unitCost(value) : formats.quantity(value);
  const moment = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(value);
  if (!moment?.[1]) return value;
  return moment[2] === "00:00" ? formats.date(moment[1]) : `${formats.date(moment[1])}, ${moment[2]}`;
}
