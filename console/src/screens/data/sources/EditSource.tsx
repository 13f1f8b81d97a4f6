import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Versioned } from "../../../api/client";
import { saveSource, source, sources } from "../../../api/sources";
import { useEditing } from "../../../ui/editing";
import { SelectField, TextAreaField, TextField } from "../../../ui/Field";
import { Section } from "../../../ui/Page";
import { QueryView } from "../../../ui/QueryView";
import { SaveBar } from "../../../ui/SaveBar";
import { toast } from "../../../ui/toasts";
import { bodyOf, jsonFault, NEW_SOURCE, placeOf, type SourceValues, valuesOf } from "./sourceForm";

const NAMES: Record<keyof SourceValues, string> = {
  source_id: "Name",
  kind: "Kind",
  schedule: "When it is read",
  url: "Address",
  secret: "Secret",
  project: "Project",
  dataset: "Dataset",
  location: "Region",
  timeout_seconds: "Longest query",
  entities: "What is read",
};

export const NewSource = ({ onClose }: { onClose: () => void }) => (
  <SourceForm start={{ value: NEW_SOURCE, etag: null }} isNew onClose={onClose} />
);

export function EditSource({ sourceId, onClose }: { sourceId: string; onClose: () => void }) {
  const query = useQuery(source(sourceId));
  return (
    <QueryView query={query} height="30rem">
      {({ value, etag }) => <SourceForm start={{ value: valuesOf(value), etag }} onClose={onClose} />}
    </QueryView>
  );
}

interface Props {
  start: Versioned<SourceValues>;
  isNew?: boolean;
  onClose: () => void;
}

/** A database, whose user may only read, and what is read of it. */
function SourceForm({ start, isNew = false, onClose }: Props) {
  const queries = useQueryClient();
  const [fault, setFault] = useState<string | null>(null);
  const sourceId = start.value.source_id;
  const form = useEditing({
    start,
    reread: isNew
      ? undefined
      : async () => {
          const { value, etag } = await queries.fetchQuery(source(sourceId));
          return { value: valuesOf(value), etag };
        },
    write: async (values, _, headers) => {
      // The name is the address: saved under one that is taken it would replace that source.
      const { items } = await queries.fetchQuery(sources());
      if (isNew && items.some(({ source_id }) => source_id === values.source_id)) {
        throw new Error(`There is a source called ${values.source_id}. Choose another name, or change that one.`);
      }
      return saveSource(values.source_id, bodyOf(values), headers["If-Match"] ?? null);
    },
    onSaved: () => {
      toast("Saved. Test it before you rely on it.");
      queries.invalidateQueries({ queryKey: ["sources"] });
      onClose();
    },
  });
  const { values, set, errors } = form;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = jsonFault(values.entities);
    setFault(wrong);
    if (!wrong) form.save();
  };
  const text = (field: keyof SourceValues) => ({
    label: NAMES[field],
    value: values[field],
    error: errors[field],
    onChange: ({ target }: { target: { value: string } }) => set({ [field]: target.value }),
  });
  const inEntities = Object.entries(errors).filter(([path]) => path.startsWith("entities"));
  const said = inEntities.map(([path, detail]) => [placeOf(path), detail].filter(Boolean).join(": ")).join("\n");
  return (
    <Section title={isNew ? "Connect a database" : `Change ${sourceId}`}>
      <form className="form" onSubmit={submit}>
        <div className="grid">
          {isNew && <TextField {...text("source_id")} required hint="Of your choice, such as erp" />}
          <SelectField {...text("kind")} disabled={!isNew}>
            <option value="sql">PostgreSQL or MySQL</option>
            <option value="bigquery">BigQuery</option>
          </SelectField>
          <SelectField {...text("schedule")}>
            <option value="daily">Every night</option>
            <option value="manual">When somebody asks for it</option>
          </SelectField>
        </div>
        {values.kind === "sql" ? (
          <div className="grid">
            <TextField
              {...text("url")}
              required
              hint="With a user who may only read, without a password: postgresql+psycopg://reader@db.example.com:5432/erp"
            />
            <TextField {...text("secret")} hint="The name of the secret that is the password" />
          </div>
        ) : (
          <div className="grid">
            <TextField {...text("project")} required />
            <TextField {...text("dataset")} required />
            <TextField {...text("location")} hint="Where the dataset is, if it is not our region" />
          </div>
        )}
        <TextAreaField
          {...text("entities")}
          rows={18}
          spellCheck={false}
          className="code"
          error={fault ?? (said || undefined)}
          hint="For each kind of records a table or a query, and which of its columns are read as what (JSON)."
        />
        <div className="grid">
          <TextField {...text("timeout_seconds")} type="number" min={1} hint="In seconds" />
        </div>
        <SaveBar
          form={form}
          action="Save"
          names={NAMES}
          shown={[...Object.keys(NAMES), ...inEntities.map(([path]) => path)]}
          onCancel={onClose}
        />
      </form>
    </Section>
  );
}
