import type { SourceTest, TestedEntity } from "stockcast-client";
import { useFormats } from "../../../format/useFormats";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Badge } from "../../../ui/Status";
import { fieldName, isKind, kindName } from "../upload/fields";

type Row = TestedEntity["sample"][number];

/** What a test has read: the first rows as they are understood, and what is wrong. */
export function SourceTested({ tested }: { tested: SourceTest }) {
  return (
    <div className="stack" role="status">
      <p>
        <strong>{tested.ok ? "Everything can be read." : "Not everything can be read as it is."}</strong>{" "}
        <span className="soft">Nothing was changed.</span>
      </p>
      {Object.entries(tested.entities).map(([kind, entity]) => (
        <Tested key={kind} kind={kind} entity={entity} />
      ))}
    </div>
  );
}

function Tested({ kind, entity }: { kind: string; entity: TestedEntity }) {
  const { count, quantity } = useFormats();
  const written = (value: Row[string] | undefined): string => {
    if (value === null || value === undefined) return "–";
    if (typeof value === "number") return quantity(value);
    return typeof value === "boolean" ? (value ? "yes" : "no") : value;
  };
  const fields = Object.keys(entity.sample[0] ?? {});
  const columns: Column<{ row: Row; number: number }>[] = fields.map((field) => ({
    id: field,
    header: isKind(kind) ? fieldName(kind, field) : field,
    cell: ({ row }) => written(row[field]),
  }));
  return (
    <div className="stack tested">
      <h3>
        {kindName(kind)}{" "}
        <Badge tone={entity.readable ? "good" : "bad"}>{entity.readable ? "Can be read" : "Cannot be read"}</Badge>
      </h3>
      {entity.problems.length > 0 && (
        <ul className="problems">
          {entity.problems.map((problem) => (
            <li key={`${problem.row} ${problem.field} ${problem.code}`}>
              {problem.row !== null && `Row ${count(problem.row)}: `}
              {problem.detail}
            </li>
          ))}
        </ul>
      )}
      {entity.columns.length > 0 && (
        <p className="soft">Columns: {entity.columns.map(({ name, type }) => `${name} (${type})`).join(", ")}</p>
      )}
      {fields.length > 0 && (
        <DataTable
          caption={`First rows of ${kindName(kind)} as understood`}
          columns={columns}
          rows={entity.sample.map((row, number) => ({ row, number }))}
          rowId={({ number }) => String(number)}
        />
      )}
    </div>
  );
}
