import { queryOptions } from "@tanstack/react-query";
import {
  type AddBody,
  addToCart,
  clearCart,
  deleteCartLine,
  type FromCart,
  getCart,
  orderCart,
  putCartLine,
} from "stockcast-client";
import { call, ifMatch, queries, versioned } from "./client";
import { once } from "./once";

/** A line is an item and a supplier. */
export interface LineKey {
  item_id: string;
  supplier_id: string;
}

/** The user's own cart. */
export const cart = () =>
  queryOptions({
    queryKey: ["cart"],
    queryFn: ({ signal }) => versioned(getCart({ signal })),
    staleTime: 0,
  });

/** The version that was read last: changes follow each other, each on what the one before has left. */
const version = () => ifMatch(queries.getQueryData(cart().queryKey)?.etag ?? null);

export const changeLine = ({ item_id, supplier_id }: LineKey, quantity: number) =>
  call(putCartLine({ path: { item_id }, query: { supplier_id }, body: { quantity }, headers: version() }));

export const removeLine = ({ item_id, supplier_id }: LineKey) =>
  call(deleteCartLine({ path: { item_id }, query: { supplier_id }, headers: version() }));

export const addLine = (body: AddBody) =>
  once(["line into the cart", body], (headers) => call(addToCart({ body, headers })));

export const emptyCart = () => call(clearCart());

/** Order what is in the cart, one order a supplier, all or none. */
export const placeOrders = (body: FromCart) =>
  once(["orders from the cart", body], (headers) => call(orderCart({ body, headers })));
