import type { OrderStatus as Status } from "stockcast-client";
import { ORDER_STATUS } from "../screens/orders/status";
import { Badge } from "./Status";

/** How far an order is, in words and a colour. */
export const OrderStatus = ({ status }: { status: Status }) => (
  <Badge tone={ORDER_STATUS[status].tone}>{ORDER_STATUS[status].name}</Badge>
);
