import type { OrderStatus as Status } from "stockcast-client";
import { Badge, type Tone } from "./Status";

export const ORDER_STATUS: Record<Status, { name: string; tone: Tone }> = {
  pending: { name: "Pending", tone: "warn" },
  confirmed: { name: "Confirmed", tone: "info" },
  shipped: { name: "Shipped", tone: "info" },
  partially_received: { name: "Partly received", tone: "info" },
  received: { name: "Received", tone: "good" },
  closed: { name: "Closed short", tone: "quiet" },
  cancelled: { name: "Cancelled", tone: "quiet" },
};

/** How far an order is, in words and a colour. */
export const OrderStatus = ({ status }: { status: Status }) => (
  <Badge tone={ORDER_STATUS[status].tone}>{ORDER_STATUS[status].name}</Badge>
);
