/** How a file is read: what the user says of it, and what an import then sends. Pure. */
import type { Aggregate, BoundColumn, FileImportForm, ImportKind, MappingBody, MappingView } from "stockcast-client";

export type Binding = string | BoundColumn;
export type Bindings = Readonly<Record<string, Binding>>;
export type Exclusions = Extract<MappingView["mapping"][string], unknown[]>;

/** What the user has said; what is missing is found by the server. */
export interface Reading {
  delimiter?: FileImportForm["delimiter"];
  encoding?: string;
  header_row?: number;
  sheet?: string;
  decimal_mark?: FileImportForm["decimal_mark"];
  date_order?: FileImportForm["date_order"];
  default_location_id?: string;
  mode?: FileImportForm["mode"];
  aggregate?: Aggregate;
  accept_shrinkage?: boolean;
  /** Every field that is read. Missing: as it is saved, or found. */
  mapping?: Bindings;
  /** The saved mapping is left aside. */
  ignoreSaved?: boolean;
}

const NOTATION = ["delimiter", "encoding", "header_row", "sheet", "decimal_mark", "date_order"] as const;

/** The form of an import. A mapping of one's own is sent with all else that is saved beside the mapping it came from. */
export function formOf(
  kind: ImportKind,
  file: File,
  reading: Reading,
  dryRun: boolean,
  saved: MappingView | null,
): FileImportForm {
  const { mapping, ignoreSaved, ...said } = reading;
  const form: FileImportForm = { kind, file, dry_run: dryRun, ...defined(said) };
  if (mapping) {
    const kept = saved && !ignoreSaved ? saved : null;
    for (const name of [...NOTATION, "default_location_id"] as const) {
      if (form[name] === undefined && kept?.[name] != null) Object.assign(form, { [name]: kept[name] });
    }
    const exclude = kept && exclusionsOf(kept);
    form.mapping = JSON.stringify(exclude ? { ...mapping, exclude } : mapping);
  } else if (ignoreSaved) form.mapping = "{}";
  return form;
}

export const exclusionsOf = (saved: MappingView): Exclusions | undefined => {
  const exclude = saved.mapping.exclude;
  return Array.isArray(exclude) && exclude.length > 0 ? exclude : undefined;
};

/** What is saved for the next file of the kind: the columns as they were read, and what was said of the file. */
export function mappingBody(bound: Bindings, said: Reading, exclude: Exclusions | undefined): MappingBody {
  const body: Record<string, unknown> = { mapping: exclude ? { ...bound, exclude } : { ...bound } };
  for (const name of [...NOTATION, "default_location_id"] as const) body[name] = said[name];
  return withoutNulls(body) as MappingBody;
}

/** The records that a mapping, as it was sent, leaves out. */
export function exclusionsSent(mapping: string | null): Exclusions | undefined {
  const { exclude } = JSON.parse(mapping ?? "{}") as { exclude?: Exclusions };
  return exclude?.length ? exclude : undefined;
}

/** A value of every record: nothing, so that a column that would be found is not read. */
const NOTHING: BoundColumn = { constant: "" };
export const isNothing = (binding: Binding | undefined): boolean =>
  typeof binding === "object" && binding.constant === "";

/** The choices of a field, and what each binds it to. */
export type Choice = "" | "constant" | `column:${string}`;

export function choiceOf(binding: Binding | undefined): Choice {
  if (binding === undefined || isNothing(binding)) return "";
  if (typeof binding === "string") return `column:${binding}`;
  return binding.column !== undefined ? `column:${binding.column}` : "constant";
}

/** The bindings with another choice for a field. One that was translated stays so for its own column. */
export function rebound(bindings: Bindings, field: string, choice: Choice, constant = ""): Bindings {
  const before = bindings[field];
  if (choice === choiceOf(before) && choice !== "constant") return bindings;
  const next = choice === "" ? NOTHING : choice === "constant" ? { constant } : choice.slice("column:".length);
  return { ...bindings, [field]: next };
}

/** What a binding says, for people. */
export function translation(binding: Binding | undefined): string | null {
  if (typeof binding !== "object" || binding.column === undefined) return null;
  const values = Object.keys(binding.values ?? {}).length;
  const parts = [];
  if (values) parts.push(`${values} ${values === 1 ? "value" : "values"} translated`);
  if (binding.default) parts.push(`${values ? "all others" : "empty cells"}: ${binding.default}`);
  return parts.join(", ") || null;
}

/** The columns that a refusal for missing columns names: "it has 'Code', \"Prix d'achat\"". */
export function columnsOfRefusal(detail: string): string[] {
  const listed = /; it has |\bit has /.exec(detail);
  if (!listed) return [];
  const columns: string[] = [];
  let rest = detail.slice(listed.index + listed[0].length);
  for (;;) {
    const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")(, )?/.exec(rest);
    if (!quoted) return columns;
    columns.push((quoted[1] ?? quoted[2] ?? "").replace(/\\(.)/g, "$1"));
    rest = rest.slice(quoted[0].length);
    if (!quoted[3]) return columns;
  }
}

/** The mapping that a refusal for missing columns suggests. */
export function suggestionOfRefusal(detail: string): Bindings {
  const start = detail.indexOf("suggested mapping: {");
  if (start < 0) return {};
  const text = detail.slice(start + "suggested mapping: ".length);
  for (let end = text.lastIndexOf("}"); end > 0; end = text.lastIndexOf("}", end - 1)) {
    try {
      return JSON.parse(text.slice(0, end + 1)) as Bindings;
    } catch {
      // The sentence goes on behind the mapping: try the brace before.
    }
  }
  return {};
}

function defined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== ""),
  ) as Partial<T>;
}

export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null && each !== undefined)
      .map(([name, each]) => [name, withoutNulls(each)]),
  );
}
