import { type DragEvent, useId, useState } from "react";
import type { ImportKind } from "stockcast-client";
import { templateFile } from "../../../api/imports";
import { Button } from "../../../ui/Button";
import { SelectField } from "../../../ui/Field";
import { Section } from "../../../ui/Page";
import { saveFile } from "../../../ui/saveFile";
import { toastError } from "../../../ui/toasts";
import { KINDS, MODES } from "./fields";
import type { Reading } from "./reading";

interface Props {
  kind: ImportKind;
  file: File | null;
  reading: Reading;
  onKind: (kind: ImportKind) => void;
  onFile: (file: File) => void;
  onSay: (said: Partial<Reading>) => void;
}

/** What the file holds, and which it is: chosen, or dropped. */
export function FileChoice({ kind, file, reading, onKind, onFile, onSay }: Props) {
  const modes = MODES[kind];
  return (
    <Section title="File" note="Nothing is changed before you import it.">
      <div className="upload-choice">
        <div className="form">
          <SelectField
            label="What it holds"
            value={kind}
            onChange={({ target }) => onKind(target.value as ImportKind)}
            hint={KINDS.find((each) => each.kind === kind)?.about}
          >
            {KINDS.map(({ kind: each, label }) => (
              <option key={each} value={each}>
                {label}
              </option>
            ))}
          </SelectField>
          {modes && (
            <SelectField
              label="What it does"
              value={reading.mode ?? modes[0]?.mode}
              onChange={({ target }) => onSay({ mode: target.value as Reading["mode"] })}
            >
              {modes.map(({ mode, label }) => (
                <option key={mode} value={mode}>
                  {label}
                </option>
              ))}
            </SelectField>
          )}
        </div>
        <Drop file={file} onFile={onFile} />
      </div>
      <Templates kind={kind} />
    </Section>
  );
}

function Drop({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onFile(dropped);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the input inside does the same from the keyboard
    <div
      className={`drop ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label htmlFor={id} className="button">
        {file ? "Choose another file" : "Choose a file"}
      </label>
      <input
        id={id}
        type="file"
        className="visually-hidden"
        accept=".csv,.txt,.tsv,.xlsx,.parquet,.gz,text/csv"
        onChange={({ target }) => {
          const [picked] = target.files ?? [];
          if (picked) onFile(picked);
          // The same file, mended meanwhile, can be chosen again.
          target.value = "";
        }}
      />
      <p>
        {file ? (
          <strong>{file.name}</strong>
        ) : (
          <span className="soft">or drop it here: CSV, Excel (.xlsx) or Parquet, also as .gz</span>
        )}
      </p>
    </div>
  );
}

function Templates({ kind }: { kind: ImportKind }) {
  const get = (format: "csv" | "xlsx", aggregate: "none" | "invoice_lines") =>
    templateFile(kind, format, aggregate).then(
      ({ data, response }) => saveFile(data, response, `${kind}${aggregate === "none" ? "" : "-lines"}.${format}`),
      toastError,
    );
  const forms = kind === "sales-history" ? (["none", "invoice_lines"] as const) : (["none"] as const);
  return (
    <p className="templates">
      <span className="soft">To fill in:</span>
      {forms.map((aggregate) => (
        <span key={aggregate}>
          {forms.length > 1 && (aggregate === "none" ? "sales by day" : "invoice lines")}
          <Button kind="quiet" onClick={() => get("xlsx", aggregate)}>
            Excel template{aggregate === "none" ? "" : " for lines"}
          </Button>
          <Button kind="quiet" onClick={() => get("csv", aggregate)}>
            CSV template{aggregate === "none" ? "" : " for lines"}
          </Button>
        </span>
      ))}
    </p>
  );
}
