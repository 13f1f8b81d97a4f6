import { correctStockLevel, createTransfer, type StockCorrection, type TransferBody } from "stockcast-client";
import { call } from "./client";

/** Say what was counted; refused where the stock is another than `expected_stock`. */
export const correctStock = (body: StockCorrection) => call(correctStockLevel({ body }));

/** Say that stock was moved from a location to another. */
export const moveUnits = (body: TransferBody, headers: { "Idempotency-Key": string }) =>
  call(createTransfer({ body, headers }));
