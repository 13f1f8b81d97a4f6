import type { SupplierRow } from "stockcast-client";
import type { Formats } from "../../format/format";
import type { Tone } from "../../ui/Status";

/** "4.1 d ± 0.8": what it took from confirmation to the last receipt; null without any. */
export function leadTimeMeasured(row: SupplierRow, { decimal }: Pick<Formats, "decimal">): string | null {
  if (row.lead_time_days_mean === null) return null;
  const spread = row.lead_time_days_deviation;
  return `${decimal(row.lead_time_days_mean)} d${spread === null ? "" : ` ± ${decimal(spread)}`}`;
}

/** From which share of lines in time and in full a supplier is one to rely on, and below which one plans around it. */
const RELIABLE = 0.95;
const POOR = 0.85;

export function shareTone(share: number): Tone {
  const shown = Math.round(share * 100) / 100;
  return shown >= RELIABLE ? "good" : shown >= POOR ? "warn" : "bad";
}
