import { useQuery } from "@tanstack/react-query";
import type { ImportKind, OperationView } from "stockcast-client";
import { locations } from "../../../api/locations";
import { SelectField, TextField } from "../../../ui/Field";
import { Section } from "../../../ui/Page";
import { hasLocation } from "./fields";
import type { Outcome } from "./outcome";
import { encodingName, ORDERS } from "./Questions";
import type { Reading } from "./reading";

const DELIMITERS: Record<string, string> = { ",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar" };
const MARKS: Record<string, string> = { ",": "Comma: 1.240,50", ".": "Point: 1,240.50" };
const ENCODINGS = ["utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254"];

interface Props {
  kind: ImportKind;
  tried: OperationView;
  reading: Reading;
  onSay: (said: Partial<Reading>) => void;
}

/** How the file is laid out and written: as it was found, unless somebody says otherwise. */
export function Format({ kind, tried, reading, onSay }: Props) {
  const result = (tried.result ?? null) as Outcome | null;
  const found = result?.format;
  const name = found?.name ?? ("format" in tried.parameters ? tried.parameters.format : "csv");
  return (
    <Section title="How it is written" note={name === "excel" ? "Excel" : name === "csv" ? "text" : "Parquet"}>
      <div className="grid formats">
        {name === "csv" && (
          <>
            <Choice
              label="Between cells"
              names={DELIMITERS}
              found={found?.delimiter}
              said={reading.delimiter}
              onSay={(delimiter) => onSay({ delimiter: delimiter as Reading["delimiter"] })}
            />
            <Choice
              label="Encoding"
              names={Object.fromEntries(ENCODINGS.map((each) => [each, encodingName(each)]))}
              found={found?.encoding}
              said={reading.encoding}
              onSay={(encoding) => onSay({ encoding })}
            />
          </>
        )}
        {name === "excel" && (
          <TextField
            label="Sheet"
            placeholder={found?.sheet ?? "found"}
            defaultValue={reading.sheet ?? ""}
            hint="Its name or number"
            onBlur={({ target }) => onSay({ sheet: target.value || undefined })}
          />
        )}
        {name !== "parquet" && (
          <TextField
            label="Header row"
            type="number"
            min={1}
            placeholder={String(found?.header_row ?? "found")}
            defaultValue={reading.header_row ?? ""}
            onBlur={({ target }) => onSay({ header_row: Number(target.value) || undefined })}
          />
        )}
        <Choice
          label="Decimal mark"
          names={MARKS}
          found={found?.decimal_mark}
          said={reading.decimal_mark}
          onSay={(mark) => onSay({ decimal_mark: mark as Reading["decimal_mark"] })}
        />
        <Choice
          label="Order of dates"
          names={ORDERS}
          found={found?.date_order}
          said={reading.date_order}
          onSay={(order) => onSay({ date_order: order as Reading["date_order"] })}
        />
        {kind === "sales-history" && (
          <Choice
            label="A row is"
            names={{ none: "A product, place and day", invoice_lines: "A line of an invoice or receipt" }}
            found={result?.aggregate}
            said={reading.aggregate}
            onSay={(aggregate) => onSay({ aggregate: aggregate as Reading["aggregate"] })}
          />
        )}
        {hasLocation(kind) && <DefaultLocation reading={reading} onSay={onSay} />}
      </div>
    </Section>
  );
}

interface ChoiceProps {
  label: string;
  names: Record<string, string>;
  found: string | null | undefined;
  said: string | undefined;
  onSay: (value: string | undefined) => void;
}

function Choice({ label, names, found, said, onSay }: ChoiceProps) {
  const shown = found ? (names[found] ?? found) : null;
  return (
    <SelectField label={label} value={said ?? ""} onChange={({ target }) => onSay(target.value || undefined)}>
      <option value="">{shown && !said ? `${shown} (found)` : "Found by itself"}</option>
      {Object.entries(names).map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

function DefaultLocation({ reading, onSay }: Pick<Props, "reading" | "onSay">) {
  const places = useQuery(locations());
  return (
    <SelectField
      label="Rows without a location"
      value={reading.default_location_id ?? ""}
      onChange={({ target }) => onSay({ default_location_id: target.value || undefined })}
    >
      <option value="">Are not taken</option>
      {(places.data?.items ?? []).map(({ location_id, name }) => (
        <option key={location_id} value={location_id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
