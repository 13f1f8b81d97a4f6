import type { OrderStatus } from "stockcast-client";
import { daysBetween } from "../../format/days";

/** Orders of which goods are still to come. */
export const OPEN: readonly OrderStatus[] = ["pending", "confirmed", "shipped", "partially_received"];

/** Of which goods may be received. */
export const RECEIVABLE: readonly OrderStatus[] = ["confirmed", "shipped", "partially_received"];

export const isOpen = (status: OrderStatus): boolean => OPEN.includes(status);

/** What a move is called on its button. */
export const MOVES: Partial<Record<OrderStatus, string>> = {
  confirmed: "Confirm",
  shipped: "Mark as shipped",
  cancelled: "Cancel the order",
  closed: "Close it short",
};

/** Days by which an open order is late; 0: it is not. */
export function daysLate(status: OrderStatus, expected: string | null, today: string): number {
  if (!isOpen(status) || !expected || expected >= today) return 0;
  return daysBetween(expected, today);
}
