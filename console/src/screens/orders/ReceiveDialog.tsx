import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { OrderView } from "stockcast-client";
import { fieldErrors, idempotencyKey } from "../../api/client";
import { locations } from "../../api/locations";
import { receive } from "../../api/orders";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { SelectField, TextField } from "../../ui/Field";
import { toast } from "../../ui/toasts";
import { arrivedLines, type Entered, everything, problemOf } from "./arrivals";
import { Refusal } from "./MoveDialog";

/** Enter what has arrived: all that is to come unless changed. Stock rises at once. */
export function ReceiveDialog({ order, onClose }: { order: OrderView; onClose: () => void }) {
  const { quantity } = useFormats();
  const [entered, setEntered] = useState<Entered>(() => everything(order.items));
  const [location, setLocation] = useState(order.location_id ?? "");
  const [notes, setNotes] = useState("");
  const [key] = useState(idempotencyKey);
  const places = useQuery(locations());
  const lines = arrivedLines(entered);
  const book = useMutation({
    mutationFn: () => receive(order.id, { lines, location_id: location || null, notes: notes.trim() || null }, key),
    onSuccess: () => {
      toast(`${order.po_number}: ${lines.length === 1 ? "one line" : `${lines.length} lines`} received`);
      onClose();
    },
  });
  const errors = fieldErrors(book.error);
  const errorOf = (itemId: string): string | undefined =>
    problemOf(entered[itemId] ?? "") ?? errors[`lines/${lines.findIndex((line) => line.item_id === itemId)}/quantity`];
  const wrong = Object.values(entered).some(problemOf);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) book.mutate();
  };
  return (
    <Dialog title={`Receive ${order.po_number}`} open onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <div className="row">
          <Button onClick={() => setEntered(everything(order.items))}>Everything</Button>
          <Button onClick={() => setEntered({})}>Nothing yet</Button>
        </div>
        <ul className="arrivals">
          {order.items
            .filter(({ outstanding }) => outstanding > 0)
            .map((line) => (
              <li key={line.item_id}>
                <TextField
                  label={line.product_name}
                  inputMode="decimal"
                  value={entered[line.item_id] ?? ""}
                  hint={`${quantity(line.outstanding)} to come`}
                  error={errorOf(line.item_id)}
                  onChange={({ target }) => setEntered({ ...entered, [line.item_id]: target.value })}
                />
              </li>
            ))}
        </ul>
        <SelectField
          label="Delivered to"
          value={location}
          error={errors.location_id}
          onChange={({ target }) => setLocation(target.value)}
        >
          <option value="">The usual place</option>
          {places.data?.items.map(({ location_id, name }) => (
            <option key={location_id} value={location_id}>
              {name}
            </option>
          ))}
        </SelectField>
        <TextField label="Notes" value={notes} error={errors.notes} onChange={({ target }) => setNotes(target.value)} />
        <Refusal error={book.error} shown={errors} />
        <div className="row">
          <Button kind="primary" type="submit" busy={book.isPending} disabled={lines.length === 0 || wrong}>
            Book the delivery
          </Button>
          <Button onClick={onClose}>Not now</Button>
        </div>
      </form>
    </Dialog>
  );
}
