import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { SuggestedTransfer, TransferBody } from "stockcast-client";
import { ApiError } from "../../api/client";
import { moveStock, stockChanged } from "../../api/planning";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { TextField } from "../../ui/Field";
import { ErrorNote } from "../../ui/QueryView";
import { parseQuantity } from "../../ui/quantity";
import { toast, toastError } from "../../ui/toasts";
import { backAgain, moveProblem } from "./moves";

interface Props {
  move: SuggestedTransfer;
  names: ReadonlyMap<string, string>;
  onClose: () => void;
}

/** Stock is moved as suggested, or less of it; nothing moves where somebody has changed the stock meanwhile. */
export function MoveDialog({ move, names, onClose }: Props) {
  const { quantity } = useFormats();
  const [text, setText] = useState(String(move.quantity));
  const [reason, setReason] = useState("");
  const units = parseQuantity(text);
  const wrong = moveProblem(units, move.from_stock, quantity);
  const from = names.get(move.from_location_id) ?? move.from_location_id;
  const to = names.get(move.to_location_id) ?? move.to_location_id;
  const body: TransferBody = {
    item_id: move.item_id,
    from_location_id: move.from_location_id,
    to_location_id: move.to_location_id,
    quantity: units,
    expected_stock: move.from_stock,
    reason: reason.trim() || null,
  };
  const carryOut = useMutation({
    mutationFn: () => moveStock(body),
    onSuccess: () => {
      toast(`${quantity(units)} of ${move.product_name} are in ${to} now.`, { undo: () => takeBack(body, move) });
      onClose();
    },
    onSettled: () => stockChanged(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) carryOut.mutate();
  };
  const differs = carryOut.error instanceof ApiError && carryOut.error.problem?.code === "stock_differs";
  return (
    <Dialog title={`Move ${move.product_name}`} open onClose={onClose}>
      <form className="form" onSubmit={submit} noValidate>
        <p>
          From {from}, which has {quantity(move.from_stock)}, to {to}, which has {quantity(move.to_stock)}. Move the
          goods, then say so here: the stock of both changes at once.
        </p>
        <TextField
          label="Quantity"
          type="number"
          inputMode="decimal"
          min="0"
          max={move.from_stock}
          step="any"
          value={text}
          error={wrong ?? undefined}
          onChange={({ target }) => setText(target.value)}
        />
        <TextField
          label="Reason (optional)"
          maxLength={500}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
        {differs && (
          <p className="note" role="alert">
            The stock in {from} has changed meanwhile, so that nothing was moved. Close this and look at the list again.
          </p>
        )}
        {carryOut.error && !differs && <ErrorNote error={carryOut.error} />}
        <div className="row">
          <Button kind="primary" type="submit" busy={carryOut.isPending} disabled={wrong !== null || differs}>
            Move {Number.isFinite(units) ? quantity(units) : ""}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The goods go back, unless the stock where they went has changed since. */
async function takeBack(body: TransferBody, move: SuggestedTransfer): Promise<void> {
  try {
    await moveStock(backAgain(body, move.to_stock));
    toast("The stock is where it was.");
  } catch (error) {
    toastError(error as Error);
  }
  await stockChanged();
}
