import type { Kind } from "stockcast-client";
import type { Formats } from "../../format/format";

/** A value of an answer as the client's people write it. */
export function valueText(kind: Kind, value: unknown, formats: Formats): string {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return kind === "date" ? formats.date(String(value)) : String(value);
  switch (kind) {
    case "money":
      return formats.money(value);
    case "unit_money":
      return formats.unitCost(value);
    case "count":
      return formats.count(value);
    case "share":
      return formats.percent(value);
    case "days":
      return formats.days(value);
    default:
      return formats.quantity(value);
  }
}

export const isNumeric = (kind: Kind): boolean => kind !== "text" && kind !== "date";
