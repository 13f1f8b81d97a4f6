import { daysAfter } from "../../format/days";
import { SelectField } from "../../ui/Field";
import type { Changes } from "../../url/location";

const WEEKS = [
  [52, "The last year"],
  [26, "The last half year"],
  [13, "The last 13 weeks"],
] as const;

/** The first day of the weeks that the address names, the last year by default. */
export function periodOf(search: URLSearchParams, today: string): string {
  const asked = Number(search.get("weeks"));
  const weeks = WEEKS.find(([number]) => number === asked)?.[0] ?? WEEKS[0][0];
  return daysAfter(today, -weeks * 7);
}

/** Of which orders the figures are. */
export function Period({ search, onChange }: { search: URLSearchParams; onChange: (changes: Changes) => void }) {
  return (
    <SelectField
      label="Measured over"
      value={search.get("weeks") ?? ""}
      onChange={({ target }) => onChange({ weeks: target.value })}
    >
      {WEEKS.map(([number, label], index) => (
        <option key={number} value={index === 0 ? "" : number}>
          {label}
        </option>
      ))}
    </SelectField>
  );
}
