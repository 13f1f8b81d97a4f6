import { useMutation } from "@tanstack/react-query";
import type { CartLineView } from "stockcast-client";
import { addLine, removeLine } from "../../api/cart";
import { ApiError } from "../../api/client";
import { cartChanged } from "../../api/planning";
import { Button } from "../../ui/Button";
import { toast, toastError } from "../../ui/toasts";
import { CART_CHANGES } from "./changes";

/** Takes a line out; what could be ordered can be put back. */
export function RemoveLine({ line }: { line: CartLineView }) {
  const name = line.product_name ?? line.item_id;
  const { mutate, isPending } = useMutation({
    scope: CART_CHANGES,
    mutationFn: () => removeLine(line),
    onSuccess: () =>
      toast(`${name} is out of the cart.`, { undo: line.error === null ? () => putBack(line) : undefined }),
    onError: (error) => {
      if (error instanceof ApiError && error.status === 412) {
        toast("The cart was changed in another window. It is shown as it is now.", { tone: "bad" });
      } else toastError(error);
    },
    onSettled: () => cartChanged(),
  });
  return (
    <Button
      kind="quiet"
      className="cart-remove"
      busy={isPending}
      aria-label={`Remove ${name}`}
      onClick={() => mutate()}
    >
      Remove
    </Button>
  );
}

async function putBack({ item_id, supplier_id, quantity }: CartLineView): Promise<void> {
  await addLine({ item_id, supplier_id, quantity }).catch(toastError);
  await cartChanged();
}
