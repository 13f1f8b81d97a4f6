import type { PlanningBody, PlanningFields } from "stockcast-client";

/** Put off until a day, or for good. */
export interface NotNow {
  kind: "snooze" | "never";
  until: string;
  reason: string;
}

/** What is planned for the product; no reason leaves the one that is there. */
export const planningOf = ({ kind, until, reason }: NotNow): PlanningBody => ({
  do_not_order: true,
  do_not_order_until: kind === "snooze" ? until : null,
  ...(reason.trim() ? { reason: reason.trim() } : {}),
});

/** What undoes it: a product that was suggested was not blocked, whatever its last snooze says. */
export const takenBack = (before: PlanningFields | null): PlanningBody => ({
  do_not_order: false,
  do_not_order_until: null,
  reason: before?.reason ?? null,
});
