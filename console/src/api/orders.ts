import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  type ChangedOrder,
  createReceipt,
  getPurchaseOrder,
  getPurchaseOrderDocument,
  type ListPurchaseOrdersData,
  listPurchaseOrderReceipts,
  listPurchaseOrders,
  type NewReceipt,
  patchPurchaseOrder,
  putPurchaseOrderStatus,
  type StatusChange,
} from "stockcast-client";
import { answered, call, type idempotencyKey, ifMatch, queries, type Versioned, versioned } from "./client";

export type OrdersQuery = NonNullable<ListPurchaseOrdersData["query"]>;

export const orders = (query: OrdersQuery) =>
  queryOptions({
    queryKey: ["orders", "list", query],
    queryFn: ({ signal }) => call(listPurchaseOrders({ query, signal })),
    placeholderData: keepPreviousData,
  });

/** An order with its newest receipts, and the version with which it is changed. */
export const order = (orderId: string) =>
  queryOptions({
    queryKey: ["orders", "one", orderId],
    queryFn: ({ signal }) => versioned(getPurchaseOrder({ path: { order_id: orderId }, signal })),
  });

export const receipts = (orderId: string, page: number) =>
  queryOptions({
    queryKey: ["orders", "receipts", orderId, page],
    queryFn: ({ signal }) =>
      call(listPurchaseOrderReceipts({ path: { order_id: orderId }, query: { page, page_size: 20 }, signal })),
    placeholderData: keepPreviousData,
  });

/** Stock, what is on order and every figure that follows from them have changed as well. */
const changed = () => queries.invalidateQueries();

export async function moveOrder(orderId: string, etag: string | null, body: StatusChange) {
  const answer = await call(putPurchaseOrderStatus({ path: { order_id: orderId }, body, headers: ifMatch(etag) }));
  await changed();
  return answer;
}

export async function changeOrder(orderId: string, etag: string | null, body: ChangedOrder) {
  const answer = await call(patchPurchaseOrder({ path: { order_id: orderId }, body, headers: ifMatch(etag) }));
  await changed();
  return answer;
}

/** `key` is one for each delivery that was entered: sent twice it is booked once. */
export async function receive(orderId: string, body: NewReceipt, key: ReturnType<typeof idempotencyKey>) {
  const answer = await call(createReceipt({ path: { order_id: orderId }, body, headers: key }));
  await changed();
  return answer;
}

export const orderDocument = (orderId: string, format: "pdf" | "csv") =>
  answered(getPurchaseOrderDocument({ path: { order_id: orderId }, query: { format }, parseAs: "blob" }));

export type VersionedOrder = Versioned<Awaited<ReturnType<typeof moveOrder>>>;
