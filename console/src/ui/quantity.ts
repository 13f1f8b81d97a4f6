/** How much a supplier sells: at least the MOQ, in whole packs; the API refuses the same. */
export interface Terms {
  moq: number | null;
  packaging_qty: number | null;
}

export type QuantityProblem =
  | { kind: "no number" }
  | { kind: "too much"; most: number }
  | { kind: "below moq"; moq: number; least: number }
  | { kind: "no pack multiple"; pack: number; next: number };

const MOST = 1_000_000_000;

/** Quantities have three decimals: whole thousandths are exact. */
const thousandths = (units: number): number => Math.round(units * 1000);

/** The number that a field holds; NaN for none. */
export const parseQuantity = (text: string): number =>
  text.trim() === "" ? Number.NaN : thousandths(Number(text)) / 1000;

/** So many, rounded up to whole packs. */
export function inPacks(units: number, pack: number): number {
  return (Math.ceil(thousandths(units) / thousandths(pack)) * thousandths(pack)) / 1000;
}

/** The least that the supplier sells. */
export function smallestOrder({ moq, packaging_qty }: Terms): number {
  const pack = packaging_qty || 1;
  return inPacks(Math.max(moq ?? 0, pack), pack);
}

/** Why so much cannot be ordered; null: it can. */
export function quantityProblem(units: number, terms: Terms): QuantityProblem | null {
  if (!Number.isFinite(units)) return { kind: "no number" };
  if (units > MOST) return { kind: "too much", most: MOST };
  const moq = terms.moq ?? 0;
  if (units < moq || units <= 0) return { kind: "below moq", moq, least: smallestOrder(terms) };
  const pack = terms.packaging_qty || 0.001;
  const next = inPacks(units, pack);
  return next === units ? null : { kind: "no pack multiple", pack, next };
}

/** The same in words. */
export function quantityMessage(problem: QuantityProblem, quantity: (units: number) => string): string {
  switch (problem.kind) {
    case "no number":
      return "Enter a quantity.";
    case "too much":
      return `Order at most ${quantity(problem.most)}.`;
    case "below moq":
      return problem.moq > 0
        ? `Below the MOQ of ${quantity(problem.moq)}: order at least ${quantity(problem.least)}.`
        : `Order at least ${quantity(problem.least)}.`;
    case "no pack multiple":
      return `No whole packs of ${quantity(problem.pack)}: the next is ${quantity(problem.next)}.`;
  }
}

/** What an order line costs, to the penny. */
export const linePrice = (units: number, unitCost: number): number => Math.round(units * unitCost * 100) / 100;
