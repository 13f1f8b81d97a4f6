import type { Action, RecommendationType } from "stockcast-client";
import type { Tone } from "../../ui/Status";

export const TYPES: Record<RecommendationType, { name: string; tone: Tone }> = {
  URGENT: { name: "Urgent", tone: "bad" },
  REORDER: { name: "Reorder", tone: "warn" },
  REDUCE_ORDER: { name: "Order less", tone: "info" },
  DEAD_STOCK: { name: "Dead stock", tone: "quiet" },
  PROMOTE: { name: "Promote", tone: "good" },
};

/** What to do, with the number of units where the action has one. */
export function actionText(action: Action, units: string): string {
  const texts: Record<Action, string> = {
    order: `Order ${units}`,
    transfer: `Move ${units} from another location`,
    expedite_orders: "Ask the supplier to deliver sooner",
    reduce_orders: `Cancel or reduce ${units} that are on order`,
    order_no_more: "Order no more for now",
    clear_stock: `Clear ${units}`,
    promote: `Promote ${units}`,
  };
  return texts[action];
}

/** What puts it into the cart. */
export const isOrder = (action: Action): boolean => action === "order";
