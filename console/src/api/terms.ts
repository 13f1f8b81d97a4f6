import {
  type ConditionBody,
  getProductSupplier,
  linkSupplier,
  type NewConditionBody,
  putProductSupplier,
  unlinkSupplier,
} from "stockcast-client";
import { call, ifMatch, versioned } from "./client";

/** The terms on which a supplier sells a product, and their version. */
export const readTerms = (itemId: string, supplierId: string) =>
  versioned(getProductSupplier({ path: { item_id: itemId, supplier_id: supplierId } }));

export const saveTerms = (itemId: string, supplierId: string, body: ConditionBody, headers: { "If-Match"?: string }) =>
  call(putProductSupplier({ path: { item_id: itemId, supplier_id: supplierId }, body, headers }));

export const link = (itemId: string, body: NewConditionBody, headers: { "Idempotency-Key": string }) =>
  call(linkSupplier({ path: { item_id: itemId }, body, headers }));

/** Take the supplier off the product as it is now. */
export async function unlink(itemId: string, supplierId: string): Promise<void> {
  const { etag } = await readTerms(itemId, supplierId);
  await call(unlinkSupplier({ path: { item_id: itemId, supplier_id: supplierId }, headers: ifMatch(etag) }));
}
