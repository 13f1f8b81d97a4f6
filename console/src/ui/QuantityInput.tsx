import "./quantity.css";
import { type InputHTMLAttributes, useId } from "react";
import { smallestOrder, type Terms } from "./quantity";

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  value: string;
  terms: Terms;
  /** What is wrong with what was entered. */
  error?: string | null;
  hint?: string;
}

/** How much to order, in a line of a table: steps are packs, and what is wrong stands below. */
export function QuantityInput({ label, terms, error, hint = "", ...rest }: Props) {
  const id = useId();
  return (
    <span className={`field quantity-input ${error ? "wrong" : ""}`}>
      <input
        type="number"
        inputMode="decimal"
        min={smallestOrder(terms)}
        step={terms.packaging_qty || 1}
        aria-label={label}
        aria-invalid={error ? true : undefined}
        aria-describedby={id}
        {...rest}
      />
      <small id={id} className={error ? "error" : "hint"} role={error ? "alert" : undefined}>
        {error ?? hint}
      </small>
    </span>
  );
}
