/** The products of a campaign while they are chosen: what is entered is text until it is sent. */
import type { CampaignProduct, CampaignProductBody } from "stockcast-client";
import { numberOrNull, textOrNull } from "../../ui/changes";

export interface ProductLine {
  item_id: string;
  discount: string;
  target_audience: string;
}

export const linesOf = (products: readonly CampaignProduct[]): ProductLine[] =>
  products.map(({ item_id, discount, target_audience }) => ({
    item_id,
    discount: discount === null ? "" : String(discount),
    target_audience: target_audience ?? "",
  }));

export const bodyOf = (lines: readonly ProductLine[]): CampaignProductBody[] =>
  lines.map(({ item_id, discount, target_audience }) => ({
    item_id,
    discount: numberOrNull(discount),
    target_audience: textOrNull(target_audience),
  }));

/** With the product as the first line, on the terms of the line that was first; a product is in it once. */
export function withProduct(lines: readonly ProductLine[], item_id: string): ProductLine[] {
  if (lines.some((line) => line.item_id === item_id)) return [...lines];
  const { discount = "", target_audience = "" } = lines[0] ?? {};
  return [{ item_id, discount, target_audience }, ...lines];
}

export const without = (lines: readonly ProductLine[], item_id: string): ProductLine[] =>
  lines.filter((line) => line.item_id !== item_id);

export const withTerms = (
  lines: readonly ProductLine[],
  item_id: string,
  terms: Partial<Pick<ProductLine, "discount" | "target_audience">>,
): ProductLine[] => lines.map((line) => (line.item_id === item_id ? { ...line, ...terms } : line));

/** The terms of the first line for all of them. */
export const alike = (lines: readonly ProductLine[]): ProductLine[] => {
  const { discount = "", target_audience = "" } = lines[0] ?? {};
  return lines.map(({ item_id }) => ({ item_id, discount, target_audience }));
};
