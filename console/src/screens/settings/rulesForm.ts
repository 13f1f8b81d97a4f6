/** Rules of recommendations as their form holds them, and what it sends: all of them, as what is left out takes its default. */
import type { RecommendationRules, RecommendationRulesInput, RecommendationType, Role } from "stockcast-client";
import { inPercent, ofPercent } from "./settingsForm";

export const TYPES: Record<RecommendationType, readonly [string, string]> = {
  URGENT: ["Urgent", "about to run out, and something is suggested or on its way"],
  REORDER: ["Reorder", "an order is suggested"],
  REDUCE_ORDER: ["Reduce an order", "stock lasts long, and more is on order"],
  DEAD_STOCK: ["Dead stock", "in stock, unsold for long, and nothing is expected to sell"],
  PROMOTE: ["Promote", "plenty in stock, sells, and in no campaign"],
};

export const ROLES: readonly Role[] = ["CEO", "PROCUREMENT", "MARKETING", "ADMIN", "VIEWER", "SERVICE"];

export interface RulesForm {
  enabled: RecommendationType[];
  urgent_min_risk: string;
  reduce_order_min_dir_days: string;
  promote_min_dir_days: string;
  /** What each role sees, first things first; null: all of it. */
  shown: Record<Role, RecommendationType[] | null>;
}

export const rulesForm = ({ enabled_types, role_rules, threshold_filters }: RecommendationRules): RulesForm => ({
  enabled: enabled_types,
  urgent_min_risk: inPercent(threshold_filters.urgent_min_risk),
  reduce_order_min_dir_days: String(threshold_filters.reduce_order_min_dir_days),
  promote_min_dir_days: String(threshold_filters.promote_min_dir_days),
  shown: Object.fromEntries(ROLES.map((role) => [role, role_rules[role] ?? null])) as RulesForm["shown"],
});

export const rulesBody = (form: RulesForm): RecommendationRulesInput => ({
  enabled_types: form.enabled,
  role_rules: Object.fromEntries(
    ROLES.flatMap((role) => (form.shown[role] === null ? [] : [[role, form.shown[role]]])),
  ),
  threshold_filters: {
    urgent_min_risk: ofPercent(form.urgent_min_risk),
    reduce_order_min_dir_days: Number(form.reduce_order_min_dir_days),
    promote_min_dir_days: Number(form.promote_min_dir_days),
  },
});

/** With the type or without it, in the order of the list. */
export const toggledType = (enabled: readonly RecommendationType[], type: RecommendationType): RecommendationType[] =>
  (Object.keys(TYPES) as RecommendationType[]).filter((each) => (each === type) !== enabled.includes(each));

/** With the one at the index a place earlier. */
export function moved(types: readonly RecommendationType[], index: number): RecommendationType[] {
  const next = [...types];
  const [type] = next.splice(index, 1);
  if (type) next.splice(index - 1, 0, type);
  return next;
}
