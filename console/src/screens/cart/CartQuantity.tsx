import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { CartLineView } from "stockcast-client";
import { changeLine } from "../../api/cart";
import { ApiError } from "../../api/client";
import { cartChanged } from "../../api/planning";
import { useFormats } from "../../format/useFormats";
import { QuantityInput } from "../../ui/QuantityInput";
import { parseQuantity, quantityMessage, quantityProblem } from "../../ui/quantity";
import { toast } from "../../ui/toasts";
import { CART_CHANGES } from "./changes";

/** The quantity of a line; another is saved when the field is left, or with Enter. */
export function CartQuantity({ line }: { line: CartLineView }) {
  const { quantity } = useFormats();
  const [text, setText] = useState(String(line.quantity));
  useEffect(() => setText(String(line.quantity)), [line.quantity]);
  const save = useMutation({
    scope: CART_CHANGES,
    mutationFn: (units: number) => changeLine(line, units),
    onError: (error) => {
      if (!(error instanceof ApiError && error.status === 412)) return;
      toast("The cart was changed in another window. It is shown as it is now.", { tone: "bad" });
      setText(String(line.quantity));
    },
    onSettled: () => cartChanged(),
  });
  const units = parseQuantity(text);
  const problem = units === line.quantity ? null : quantityProblem(units, line);
  const refused = save.error instanceof ApiError && save.error.status !== 412 ? save.error.message : null;
  const said = problem ? quantityMessage(problem, quantity) : refused;
  const commit = () => {
    if (units !== line.quantity && problem === null && !save.isPending) save.mutate(units);
  };
  const pack = line.packaging_qty ?? 1;
  return (
    <QuantityInput
      label={`Quantity of ${line.product_name ?? line.item_id}`}
      terms={line}
      value={text}
      error={said}
      hint={pack === 1 ? "" : `packs of ${quantity(pack)}`}
      aria-busy={save.isPending || undefined}
      onChange={({ target }) => {
        save.reset();
        setText(target.value);
      }}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Escape") setText(String(line.quantity));
      }}
    />
  );
}
