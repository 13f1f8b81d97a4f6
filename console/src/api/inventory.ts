import { correctStockLevel, type StockCorrection } from "stockcast-client";
import { call } from "./client";

/** Say what was counted; refused where the stock is another than `expected_stock`. */
export const correctStock = (body: StockCorrection) => call(correctStockLevel({ body }));
