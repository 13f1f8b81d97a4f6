import type { CountsView } from "stockcast-client";
import { useFormats } from "../../../format/useFormats";
import { checkName } from "../checks";
import { factsOf, type Outcome } from "../upload/outcome";

/** Records read, taken and not taken. */
export function ImportCounts({ counts, trial = false }: { counts: CountsView; trial?: boolean }) {
  const { count } = useFormats();
  const figures = [
    ["Read", counts.read],
    [trial ? "Would be taken" : "Taken", counts.accepted],
    ["Not taken", counts.rejected],
  ] as const;
  return (
    <dl className="counts">
      {figures.map(([name, number]) => (
        <div key={name} className={name === "Not taken" && number > 0 ? "bad" : undefined}>
          <dt>{name}</dt>
          <dd>{count(number)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What it does with them, and what a person should know. */
export function Facts({ result }: { result: Outcome }) {
  const { quantity, date } = useFormats();
  const facts = factsOf(result);
  const { from_date, to_date, warnings = [] } = result;
  return (
    <>
      {(facts.length > 0 || from_date) && (
        <ul className="import-facts">
          {from_date && to_date && (
            <li>
              {date(from_date)} to {date(to_date)}
            </li>
          )}
          {facts.map(({ label, units }) => (
            <li key={label}>
              {label}: <strong>{quantity(units)}</strong>
            </li>
          ))}
        </ul>
      )}
      {warnings.map((warning) => (
        <p key={warning} className="note warn">
          {warning}
        </p>
      ))}
    </>
  );
}

/** How many records each check did not let pass, the most first. */
export function RejectedByCheck({ counts }: { counts: Record<string, number> }) {
  const { count } = useFormats();
  const sorted = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return (
    <ul className="import-facts">
      {sorted.map(([code, records]) => (
        <li key={code}>
          {checkName(code)}: <strong>{count(records)}</strong>
        </li>
      ))}
    </ul>
  );
}
