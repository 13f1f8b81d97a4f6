import { type FormEvent, useEffect, useState } from "react";
import type { BudgetView } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { useSearch } from "../../url/location";

/** At most so much money: those lines that save the most sales for it. */
export function BudgetField() {
  const [search, setSearch] = useSearch();
  const { currency } = useFormats();
  const applied = search.get("budget") ?? "";
  const [text, setText] = useState(applied);
  const [error, setError] = useState<string>();
  useEffect(() => setText(applied), [applied]);
  const apply = (event: FormEvent) => {
    event.preventDefault();
    const amount = Number(text);
    if (text !== "" && !(Number.isFinite(amount) && amount >= 0)) return setError("Enter an amount of 0 or more.");
    setError(undefined);
    setSearch({ budget: text === "" ? null : Math.round(amount * 100) / 100, page: null });
  };
  return (
    <form className="budget" onSubmit={apply} noValidate>
      <TextField
        label={`Spend at most${currency ? ` (${currency})` : ""}`}
        type="number"
        inputMode="decimal"
        min="0"
        step="any"
        value={text}
        error={error}
        onChange={({ target }) => setText(target.value)}
      />
      <Button type="submit">Apply</Button>
    </form>
  );
}

/** What the budget buys, and what it leaves out and risks. */
export function BudgetOutcome({ budget, lines }: { budget: BudgetView; lines: number }) {
  const { money, count } = useFormats();
  const [, setSearch] = useSearch();
  const left = budget.left_out_lines;
  return (
    <div className="note budget-outcome">
      <p>
        <strong>
          {money(budget.spent)} of {money(budget.amount)}
        </strong>{" "}
        buy {count(lines)} {lines === 1 ? "line" : "lines"}: those that save the most sales for the money.{" "}
        {left === 0
          ? "Nothing is left out."
          : `${count(left)} ${left === 1 ? "line is" : "lines are"} left out, with sales of ${money(budget.left_out_sales_at_risk)} at risk.`}
        {budget.left_out_unpriced_lines > 0 &&
          ` ${count(budget.left_out_unpriced_lines)} of them have no supplier, so that no money buys them.`}
      </p>
      <Button kind="quiet" onClick={() => setSearch({ budget: null, page: null })}>
        Without a limit
      </Button>
    </div>
  );
}
