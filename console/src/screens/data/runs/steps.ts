/** Steps of a daily run beside the operations that they were. Pure. */
import type { OperationView, RunStepView, StepName } from "stockcast-client";

const NAMES: Record<StepName, string> = {
  locations: "Locations",
  products: "Products",
  suppliers: "Suppliers",
  "product-suppliers": "Products of suppliers",
  "stock-levels": "Stock levels",
  committed: "Committed units",
  "sales-history": "Sales history",
  validate: "Validation",
  forecast: "Forecast",
  refresh: "Bringing it into the lists",
};

export const stepName = (name: StepName): string => NAMES[name];

export interface Step extends RunStepView {
  /** What is known of the operation of its last attempt. */
  operation: OperationView | undefined;
}

export const withOperations = (steps: readonly RunStepView[], operations: readonly OperationView[]): Step[] =>
  steps.map((step) => ({ ...step, operation: operations.find(({ id }) => id === step.operation_id) }));

/** How long something took, or takes so far; null: it has not begun. */
export function seconds(started: string | null | undefined, finished: string | null | undefined, now: number) {
  if (!started) return null;
  return Math.max(0, ((finished ? Date.parse(finished) : now) - Date.parse(started)) / 1000);
}

/** 45 s, 3 min 20 s, 2 h 5 min. */
export function duration(length: number | null): string {
  if (length === null) return "–";
  const whole = Math.round(length);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole / 60} min`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** "7 of 9 steps done". */
export const stepsDone = (steps: readonly RunStepView[]): string =>
  `${steps.filter(({ status }) => status === "succeeded").length} of ${steps.length}`;
