import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { OrderView } from "stockcast-client";
import { fieldErrors } from "../../api/client";
import { changeOrder } from "../../api/orders";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { TextField } from "../../ui/Field";
import { toast } from "../../ui/toasts";
import { Refusal } from "./MoveDialog";

interface Props {
  order: OrderView;
  etag: string | null;
  onClose: () => void;
}

/** Change an order that the supplier has not confirmed: quantities, day and notes. 0 takes a line out. */
export function ChangeDialog({ order, etag, onClose }: Props) {
  const [quantities, setQuantities] = useState<Record<string, string>>(() =>
    Object.fromEntries(order.items.map(({ item_id, quantity }) => [item_id, String(quantity)])),
  );
  const [expected, setExpected] = useState(order.expected_delivery_date ?? "");
  const [notes, setNotes] = useState(order.notes ?? "");
  const kept = order.items.filter(({ item_id }) => Number(quantities[item_id]) !== 0);
  const items = kept.map(({ item_id }) => ({ item_id, quantity: Number(quantities[item_id]) }));
  const moved = order.items.some(({ item_id, quantity }) => Number(quantities[item_id]) !== quantity);
  const save = useMutation({
    mutationFn: () =>
      changeOrder(order.id, etag, {
        ...(moved && { items }),
        ...(expected !== (order.expected_delivery_date ?? "") && { expected_delivery_date: expected || null }),
        ...(notes !== (order.notes ?? "") && { notes: notes.trim() || null }),
      }),
    onSuccess: () => {
      toast(`${order.po_number} is changed`);
      onClose();
    },
  });
  const errors = fieldErrors(save.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={`Change ${order.po_number}`} open onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <ul className="arrivals">
          {order.items.map((line) => (
            <li key={line.item_id}>
              <TextField
                label={line.product_name}
                type="number"
                min={0}
                step="any"
                required
                value={quantities[line.item_id] ?? ""}
                error={errors[`items/${kept.indexOf(line)}/quantity`]}
                onChange={({ target }) => setQuantities({ ...quantities, [line.item_id]: target.value })}
              />
            </li>
          ))}
        </ul>
        <TextField
          label="Expected on"
          type="date"
          value={expected}
          error={errors.expected_delivery_date}
          onChange={({ target }) => setExpected(target.value)}
        />
        <TextField label="Notes" value={notes} error={errors.notes} onChange={({ target }) => setNotes(target.value)} />
        <Refusal error={save.error} shown={errors} />
        <div className="row">
          <Button kind="primary" type="submit" busy={save.isPending} disabled={items.length === 0}>
            Save
          </Button>
          <Button onClick={onClose}>Not now</Button>
        </div>
      </form>
    </Dialog>
  );
}
