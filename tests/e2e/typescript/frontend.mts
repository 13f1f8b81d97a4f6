/** What a frontend does, with the generated client: run by tests/e2e/test_typescript_client.py under Node. */
import assert from "node:assert/strict";

import { finished } from "../../../clients/typescript/operations.js";
import { fieldErrors } from "../../../clients/typescript/problems.js";
import { SignInFailed, signIn } from "../../../clients/typescript/session.js";
import {
  addToCart,
  createReceipt,
  createSupplier,
  getCart,
  getItemForecast,
  getProduct,
  getPurchaseOrder,
  getPurchaseOrderDocument,
  listProducts,
  orderCart,
  putPurchaseOrderStatus,
  refreshMetrics,
} from "../../../clients/typescript/src/index.js";

const { BASE_URL = "", EMAIL = "", PASSWORD = "" } = process.env;
const ITEM = "A/1"; // an id with a slash is one segment of a path

await assert.rejects(signIn(BASE_URL, EMAIL, "wrong"), (error) => {
  assert(error instanceof SignInFailed);
  assert.equal(error.problem.code, "credentials_wrong");
  return true;
});
const session = await signIn(BASE_URL, EMAIL, PASSWORD);
console.log("signed in");

session.tokens = { ...session.tokens, access_token: "no.longer.valid" };
const [lights, none] = await Promise.all([
  listProducts({ query: { category: ["Lights"], sort: "-stockout_risk", page_size: 2 }, throwOnError: true }),
  listProducts({ query: { search: "nothing is called so" }, throwOnError: true }),
]);
assert.equal(session.refreshes, 1);
console.log("refreshed on 401");

assert.deepEqual([lights.data.total, lights.data.items.length], [3, 2]);
assert(lights.data.items.every((row) => row.category === "Lights"));
assert.equal(none.data.total, 0);
const tag = lights.response.headers.get("ETag") ?? "";
const unchanged = await listProducts({
  query: { category: ["Lights"], sort: "-stockout_risk", page_size: 2 },
  headers: { "If-None-Match": tag },
});
assert.equal(unchanged.response.status, 304);
console.log("filtered list");

const product = (await getProduct({ path: { item_id: ITEM }, throwOnError: true })).data;
const forecast = (await getItemForecast({ path: { run_id: "latest", item_id: ITEM }, throwOnError: true })).data;
assert.equal(product.item_id, ITEM);
assert(forecast.days.length > 0);
assert(forecast.days.every((day) => day.quantiles.q10 <= day.quantiles.q90));
console.log("product with its forecast");

await addToCart({ body: { item_id: ITEM, supplier_id: "acme", quantity: 12 }, throwOnError: true });
const cart = (await getCart({ throwOnError: true })).data;
assert.deepEqual(
  cart.groups.flatMap((group) => group.lines.map((line) => [line.item_id, line.quantity])),
  [[ITEM, 12]],
);
console.log("cart");

const headers = { "Idempotency-Key": crypto.randomUUID() };
const [order] = (await orderCart({ headers, throwOnError: true })).data.orders;
assert(order);
const repeated = (await orderCart({ headers, throwOnError: true })).data.orders;
assert.deepEqual(repeated, [order]);
const document = await getPurchaseOrderDocument({ path: { order_id: order.id }, query: { format: "pdf" }, throwOnError: true });
assert.equal(await document.data.slice(0, 5).text(), "%PDF-");
console.log("order");

const path = { order_id: order.id };
const confirmed = await putPurchaseOrderStatus({ path, body: { status: "confirmed" }, throwOnError: true });
assert(confirmed.data.allowed_moves.includes("shipped"));
const stale = await putPurchaseOrderStatus({ path, headers: { "If-Match": '"old"' }, body: { status: "shipped" } });
assert.equal(stale.error?.status, 412);
await createReceipt({ path, body: { location_id: "LONDON", lines: [{ item_id: ITEM, quantity: 12 }] }, throwOnError: true });
assert.equal((await getPurchaseOrder({ path, throwOnError: true })).data.status, "received");
console.log("receipt");

const started = await refreshMetrics({ throwOnError: true });
assert.match(started.response.headers.get("Location") ?? "", /operations/);
assert.equal((await finished(started.data, 100)).status, "succeeded");
console.log("operation");

const refused = await createSupplier({ body: { name: "Best", contact_email: "nobody" } });
assert.equal(refused.error?.status, 422);
assert.deepEqual(Object.keys(fieldErrors(refused.error)), ["contact_email"]);
console.log("422 of a field");
