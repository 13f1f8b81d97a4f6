import type { CartLineView } from "stockcast-client";
import { quantityMessage, quantityProblem } from "../../ui/quantity";

/** Why a line cannot be ordered, and what to do about it; null: it can. */
export function errorOf(line: CartLineView, quantity: (units: number) => string): string | null {
  const { error } = line;
  if (!error) return null;
  if (error.code === "supplier_not_linked") {
    return "Cannot be ordered: the supplier is no longer linked to this product. Remove the line, or link the supplier on the product's page.";
  }
  const problem = quantityProblem(line.quantity, line);
  return `Cannot be ordered: ${problem ? lowered(quantityMessage(problem, quantity)) : error.detail}`;
}

/** What to think of before a line is ordered. */
export const warningsOf = ({ warnings }: CartLineView): string[] =>
  warnings.map(({ detail }) => `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`);

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
