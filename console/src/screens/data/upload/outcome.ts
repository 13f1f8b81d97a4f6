/** What an import says of itself, in words. Pure. */
import type { ImportResult, ProductsImportResult, SalesImportResult, StockImportResult } from "stockcast-client";

/** The result of an import of any kind. */
export type Outcome = ImportResult &
  Partial<Omit<SalesImportResult & StockImportResult & ProductsImportResult, keyof ImportResult>>;

interface Fact {
  label: string;
  units: number;
}

/** Its counts beside those of records, without those that are 0; in the future tense for a trial. */
export function factsOf(result: Outcome): Fact[] {
  const trial = result.dry_run;
  const facts: [string, number | undefined][] = [
    [trial ? "Would be new" : "New", result.inserted],
    [trial ? "Would change" : "Changed", result.updated],
    ["Already so", result.unchanged],
    ["Rows added up", result.summed],
    [trial ? "Products that would have nothing left" : "Products with nothing left", result.emptied],
    ["Left as it was: rejected rows may be about it", result.kept],
    [trial ? "Records that would be removed" : "Removed", result.deleted],
    ["Products without a name, category or cost", result.needs_review],
    ["Products sold that are not in the catalog", result.orphans?.count],
    ["Outliers (kept)", result.outliers],
    ["Units taken back by returns", result.returned_units],
  ];
  return facts.flatMap(([label, units]) => (units ? [{ label, units }] : []));
}

/** What the figure of a decimal mark would be, as programs write it. */
export function readNumber(text: string, mark: string): number | null {
  const other = mark === "," ? "." : ",";
  const plain = text
    .replaceAll(other, "")
    .replace(mark, ".")
    .replace(/[^\d.-]/g, "");
  const number = Number(plain);
  return plain === "" || Number.isNaN(number) ? null : number;
}

/** The day that a date in figures is in this order; null where it is none. */
export function readDate(text: string, order: string): string | null {
  const parts = /(\d{1,4})\D(\d{1,2})\D(\d{1,4})/.exec(text)?.slice(1, 4);
  if (!parts || order.length !== 3) return null;
  const at = (letter: string) => Number(parts[order.indexOf(letter)]);
  const [year, month, day] = [at("Y"), at("M"), at("D")];
  const full = year < 100 ? 2000 + year : year;
  const iso = `${String(full).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  const moment = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(moment.getTime()) || moment.toISOString().slice(0, 10) !== iso ? null : iso;
}
