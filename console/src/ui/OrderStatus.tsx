import type { OrderStatus as Status } from "stockcast-client";
import { Badge, type Tone } from "./Status";

const STATUSES: Record<Status, [string, Tone]> = {
  pending: ["Pending", "info"],
  confirmed: ["Confirmed", "info"],
  shipped: ["Shipped", "info"],
  partially_received: ["Partly received", "warn"],
  received: ["Received", "good"],
  closed: ["Closed short", "quiet"],
  cancelled: ["Cancelled", "quiet"],
};

export const orderStatusName = (status: Status): string => STATUSES[status][0];

/** How far an order is, in words and a colour. */
export const OrderStatus = ({ status }: { status: Status }) => (
  <Badge tone={STATUSES[status][1]}>{STATUSES[status][0]}</Badge>
);
