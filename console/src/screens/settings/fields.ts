/** The settings of planning: how each is called, what it does, and what it may be, as the OpenAPI document has it. */
import type { SettingsView } from "stockcast-client";

export type Setting = Exclude<
  keyof SettingsView,
  "recommendation_rules" | "notifications" | "created_at" | "updated_at" | "service_level_by_class"
>;

interface Described {
  label: string;
  help: string;
}

export interface NumberField extends Described {
  kind: "days" | "share" | "money";
  /** Bounds as the API states them; of a share, between 0 and 1 (a rate may be above). */
  min?: number;
  max?: number;
  above?: number;
  below?: number;
  /** May be left empty, and what that means. */
  empty?: string;
}

export interface ChoiceField extends Described {
  kind: "choice";
  /** Values and their names; "" is null. */
  options: readonly (readonly [string, string])[];
}

export interface FlagField extends Described {
  kind: "flag";
}

export type Field = NumberField | ChoiceField | FlagField;

const days = (label: string, help: string, min: { min: number } | { above: number } = { min: 0 }): NumberField => ({
  kind: "days",
  label,
  help,
  ...min,
  max: 3650,
});

export const FIELDS: Record<Setting, Field> = {
  replenishment_policy: {
    kind: "choice",
    label: "How much is ordered",
    help: "The rule that says up to which amount an item is ordered.",
    options: [
      ["service_level", "Service level: enough in so many of 100 order cycles"],
      ["least_cost", "Least cost: stock and lost sales together cost least"],
      ["forecast_30d", "The 30-day rule"],
    ],
  },
  service_level: {
    kind: "share",
    label: "Service level",
    help: "In how many of 100 order cycles nothing runs out, on average over all items. Start with 95; too much stock: 90, too many gaps: 98.",
    above: 0,
    below: 1,
  },
  level_allocation: {
    kind: "choice",
    label: "Who gets more of it",
    help: "The level is an average. By cost, cheap items hardly ever run out and dear ones more often; by value, an item runs out more often only where little is earned on it.",
    options: [
      ["by_cost", "By cost: most units for the money in stock"],
      ["by_value", "By value: most sales for the money in stock"],
      ["equal", "All alike"],
    ],
  },
  review_period_days: days("Time between two orders", "How often you really order. 7 is once a week."),
  default_lead_time_days: days(
    "Lead time without a supplier",
    "Days from order to receipt of items that have no supplier.",
  ),
  holding_cost_rate: {
    kind: "share",
    label: "What stock costs a year",
    help: "As a share of the purchase price: capital, space, loss of value.",
    above: 0,
    max: 10,
  },
  shortage_cost_rate: {
    kind: "share",
    label: "What a lost sale costs",
    help: "As a share of the sale price.",
    above: 0,
    max: 10,
    empty: "the margin: price less cost",
  },
  holding_cost: {
    kind: "money",
    label: "Stock, in money",
    help: "A unit and review period, in place of the share.",
    min: 0.0001,
    max: 1_000_000,
    empty: "by its share",
  },
  shortage_cost: {
    kind: "money",
    label: "A lost unit, in money",
    help: "In place of the share; not below what stock costs.",
    min: 0.0001,
    max: 1_000_000,
    empty: "by its share",
  },
  safety_buffer_days: days(
    "Safety buffer",
    "Days of demand that an order holds beyond the lead time, and the days beyond it for which the stockout risk counts.",
  ),
  suggestion_min_risk: {
    kind: "share",
    label: "Order from this risk on",
    help: "Stockout risk from which the 30-day rule suggests an order.",
    above: 0,
    below: 1,
  },
  understocked_threshold: days("Understocked below", "Days of inventory below which an item is understocked.", {
    above: 0,
  }),
  overstocked_threshold: days(
    "Overstocked above",
    "Days of inventory above which an item is overstocked. Must be above the one before.",
    { above: 0 },
  ),
  dead_stock_days: days(
    "Dead after",
    "Days without a sale after which stock of which nothing is expected to sell is dead.",
  ),
  marketing_threshold_days: days(
    "Worth promoting from",
    "Days of inventory with which product lists are filtered for marketing.",
  ),
  receive_updates_stock: {
    kind: "flag",
    label: "A receipt raises the stock",
    help: "Turn it off where your own system counts receipts, and its stock is imported.",
  },
  over_receipt_tolerance: {
    kind: "share",
    label: "May arrive beyond an order",
    help: "The share of an ordered quantity that may be received on top of it.",
    min: 0,
    max: 1,
  },
  forecast_engine: {
    kind: "choice",
    label: "Forecast made by",
    help: "What makes the daily forecast. Statistical models need no graphics card.",
    options: [
      ["", "As this installation has it"],
      ["statistical", "Statistical models"],
      ["champion", "The best of several, item by item"],
      ["chronos2", "Chronos 2"],
      ["auto_ets", "AutoETS"],
      ["auto_theta", "AutoTheta"],
    ],
  },
};

export interface Group {
  title: string;
  note?: string;
  settings: readonly Setting[];
  /** Levels by class stand here too. */
  classes?: boolean;
}

export const GROUPS: readonly Group[] = [
  {
    title: "How much is ordered, and when",
    settings: [
      "replenishment_policy",
      "service_level",
      "level_allocation",
      "review_period_days",
      "default_lead_time_days",
    ],
    classes: true,
  },
  {
    title: "If you know your costs",
    note: "for least cost",
    settings: ["holding_cost_rate", "shortage_cost_rate", "holding_cost", "shortage_cost"],
  },
  { title: "Stockout risk and the 30-day rule", settings: ["safety_buffer_days", "suggestion_min_risk"] },
  {
    title: "Too little, too much, dead",
    settings: ["understocked_threshold", "overstocked_threshold", "dead_stock_days", "marketing_threshold_days"],
  },
  { title: "Receiving goods", settings: ["receive_updates_stock", "over_receipt_tolerance"] },
  { title: "Forecast", settings: ["forecast_engine"] },
];

export const CLASSES = ["AX", "AY", "AZ", "BX", "BY", "BZ", "CX", "CY", "CZ"] as const;
