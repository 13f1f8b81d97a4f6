import type { ImportKind, OperationView } from "stockcast-client";
import { CheckField } from "../../../ui/Field";
import { fieldName, fieldsOf } from "./fields";
import { columnsOfRefusal, type Reading } from "./reading";

interface Props {
  kind: ImportKind;
  tried: OperationView;
  reading: Reading;
  onSay: (said: Partial<Reading>) => void;
}

const SHRUNKEN = ["source_shrunken", "source_empty"];

/** Why the file cannot be imported as it is, and what to do about it. */
export function Refusal({ kind, tried, reading, onSay }: Props) {
  const { code = "", detail = "It was cancelled." } = tried.error ?? {};
  if (SHRUNKEN.includes(code) || reading.accept_shrinkage) {
    return (
      <div className="note error" role="alert">
        <p>
          <strong>This file holds far less than what is stored.</strong>{" "}
          {reading.accept_shrinkage
            ? "It is taken all the same: look at what would have nothing left."
            : countsIn(detail)}
        </p>
        <CheckField
          label="That is meant: what it leaves out is to be removed"
          checked={reading.accept_shrinkage ?? false}
          onChange={({ target }) => onSay({ accept_shrinkage: target.checked || undefined })}
        />
      </div>
    );
  }
  return (
    <div className="note error" role="alert">
      {code === "missing_columns" && columnsOfRefusal(detail).length > 0 ? (
        <p>
          <strong>Columns that are needed were not found.</strong> Say below which ones they are, or give every record
          the same value. Needed: {needed(kind)}.
        </p>
      ) : (
        <p>
          <strong>The file cannot be imported as it is.</strong> {detail}
        </p>
      )}
    </div>
  );
}

/** What it holds, and what there was; the rest of the sentence is for programs. */
const countsIn = (detail: string): string => `${detail.split(";")[0]}. A broken export often looks like this.`;

const needed = (kind: ImportKind): string =>
  fieldsOf(kind)
    .filter(({ required }) => required)
    .map(({ name }) => fieldName(kind, name))
    .join(", ");
