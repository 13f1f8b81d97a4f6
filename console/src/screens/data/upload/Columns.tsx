import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { ImportKind, OperationFailure } from "stockcast-client";
import { locations } from "../../../api/locations";
import { Button } from "../../../ui/Button";
import { Section } from "../../../ui/Page";
import { type Field, fieldsOf } from "./fields";
import type { Outcome } from "./outcome";
import {
  type Binding,
  type Bindings,
  type Choice,
  choiceOf,
  columnsOfRefusal,
  type Reading,
  rebound,
  suggestionOfRefusal,
  translation,
} from "./reading";

interface Props {
  kind: ImportKind;
  result: Outcome | null;
  error: OperationFailure | null;
  reading: Reading;
  onSay: (said: Partial<Reading>) => void;
}

/** Which column each field is read from: as it was found, until somebody says otherwise. */
export function Columns({ kind, result, error, reading, onSay }: Props) {
  const [all, setAll] = useState(false);
  const columns = result
    ? [...new Set((result.preview ?? []).flatMap(({ given }) => Object.keys(given)))]
    : columnsOfRefusal(error?.detail ?? "");
  if (columns.length === 0) return null;
  const found: Bindings = result?.mapping ?? {};
  const suggested: Bindings = result?.suggested_mapping ?? suggestionOfRefusal(error?.detail ?? "");
  const bindings = reading.mapping ?? (result ? found : suggested);
  const unclear: Record<string, string[]> = result?.unclear_columns ?? {};
  const fields = fieldsOf(kind, reading.aggregate ?? result?.aggregate);
  const important = (field: Field) =>
    field.required || bindings[field.name] || suggested[field.name] || unclear[field.name];
  const shown = all ? fields : fields.filter(important);
  const missing = fields.filter((field) => field.required && choiceOf(bindings[field.name]) === "");

  return (
    <Section
      title="Columns"
      note={missing.length > 0 ? "some that are needed are not read yet" : "which of them is read as what"}
      actions={reading.mapping && <Button onClick={() => onSay({ mapping: undefined })}>As they were found</Button>}
    >
      <ul className="bindings">
        {shown.map((field) => (
          <li key={field.name}>
            <ColumnField
              field={field}
              binding={bindings[field.name]}
              columns={columns}
              likely={unclear[field.name] ?? likely(suggested[field.name], bindings[field.name])}
              examples={examplesOf(result, bindings[field.name])}
              onChoose={(choice, constant) => onSay({ mapping: rebound(bindings, field.name, choice, constant) })}
            />
          </li>
        ))}
      </ul>
      <div className="row">
        {shown.length < fields.length && (
          <Button onClick={() => setAll(true)}>Show {fields.length - shown.length} more fields</Button>
        )}
        {!result && !reading.mapping && Object.keys(suggested).length > 0 && (
          <Button onClick={() => onSay({ mapping: suggested })}>Read it like this</Button>
        )}
      </div>
    </Section>
  );
}

const likely = (suggested: Binding | undefined, now: Binding | undefined): string[] =>
  typeof suggested === "string" && choiceOf(now) === "" ? [suggested] : [];

function examplesOf(result: Outcome | null, binding: Binding | undefined): string {
  const column = typeof binding === "string" ? binding : binding?.column;
  if (column === undefined) return "";
  const texts = (result?.preview ?? []).map(({ given }) => given[column]).filter(Boolean);
  return [...new Set(texts)].slice(0, 3).join(", ");
}

interface ColumnProps {
  field: Field;
  binding: Binding | undefined;
  columns: readonly string[];
  /** Columns that may be meant. */
  likely: readonly string[];
  examples: string;
  onChoose: (choice: Choice, constant?: string) => void;
}

function ColumnField({ field, binding, columns, likely: maybe, examples, onChoose }: ColumnProps) {
  const id = useId();
  const bound = choiceOf(binding);
  // Chosen, and its value not said yet.
  const [same, setSame] = useState(false);
  const choice = bound === "" && same ? "constant" : bound;
  const translated = translation(binding);
  const constant = typeof binding === "object" ? (binding.constant ?? "") : "";
  const column = choice.startsWith("column:") ? choice.slice("column:".length) : null;
  const need = field.required && bound === "";
  return (
    <div className={`binding field ${need ? "wrong" : ""}`}>
      <label htmlFor={id}>
        <strong>{field.label}</strong>
        {field.required && " (needed)"}
      </label>
      <select
        id={id}
        value={choice}
        aria-describedby={`${id}-about`}
        onChange={({ target }) => {
          setSame(target.value === "constant");
          if (target.value !== "constant") onChoose(target.value as Choice);
        }}
      >
        <option value="">Not read</option>
        <option value="constant">The same for every record</option>
        <optgroup label="Columns of the file">
          {column !== null && !columns.includes(column) && <option value={choice}>{column} (not in the file)</option>}
          {columns.map((name) => (
            <option key={name} value={`column:${name}`}>
              {name}
              {maybe.includes(name) ? " (may be it)" : ""}
            </option>
          ))}
        </optgroup>
      </select>
      {choice === "constant" && (
        <Constant field={field} value={constant} onValue={(value) => onChoose("constant", value)} />
      )}
      <small id={`${id}-about`} className="hint">
        {translated ?? (examples || field.meaning)}
        {maybe.length > 0 && ` It may be ${maybe.join(" or ")}.`}
      </small>
    </div>
  );
}

function Constant({ field, value, onValue }: { field: Field; value: string; onValue: (value: string) => void }) {
  const places = useQuery({ ...locations(), enabled: field.name === "location_id" });
  const name = `${field.label} of every record`;
  if (field.name === "location_id" && places.data) {
    return (
      <select aria-label={name} value={value} onChange={({ target }) => onValue(target.value)}>
        <option value="">Choose a location</option>
        {places.data.items.map((place) => (
          <option key={place.location_id} value={place.location_id}>
            {place.name}
          </option>
        ))}
      </select>
    );
  }
  return <input aria-label={name} defaultValue={value} onBlur={({ target }) => onValue(target.value)} />;
}
