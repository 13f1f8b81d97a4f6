import type { Suggestion } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { QuantityInput } from "../../ui/QuantityInput";
import { quantityMessage } from "../../ui/quantity";
import { useDrafting } from "./Drafting";
import { problemOf } from "./drafts";

/** The quantity that will be ordered; what the supplier does not sell is said beside it. */
export function QuantityField({ line, supplierId }: { line: Suggestion; supplierId: string }) {
  const { quantity } = useFormats();
  const { drafts, enter } = useDrafting();
  const problem = problemOf(line, drafts);
  const draft = drafts.get(line.item_id);
  const pack = line.packaging_qty ?? 1;
  const packs = pack === 1 ? "" : `packs of ${quantity(pack)}`;
  return (
    <QuantityInput
      label={`Quantity of ${line.product_name}`}
      terms={line}
      value={draft?.text ?? String(line.order_quantity)}
      error={problem && quantityMessage(problem, quantity)}
      hint={draft ? `${quantity(line.order_quantity)} suggested` : packs}
      onChange={({ target }) => enter(line, supplierId, target.value)}
    />
  );
}
