import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { OrderStatus, OrderView } from "stockcast-client";
import { ApiError, fieldErrors } from "../../api/client";
import { moveOrder } from "../../api/orders";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { TextField } from "../../ui/Field";
import { ORDER_STATUS } from "../../ui/OrderStatus";
import { toast } from "../../ui/toasts";
import { MOVES } from "./status";

interface Props {
  order: OrderView;
  etag: string | null;
  to: OrderStatus;
  onClose: () => void;
}

/** Move an order on: a confirmation may bring another day, what ends it a reason. */
export function MoveDialog({ order, etag, to, onClose }: Props) {
  const [expected, setExpected] = useState(order.expected_delivery_date ?? "");
  const [reason, setReason] = useState("");
  const ends = to === "cancelled" || to === "closed";
  const move = useMutation({
    mutationFn: () =>
      moveOrder(order.id, etag, {
        status: to,
        reason: reason.trim() || null,
        expected_delivery_date:
          to === "confirmed" && expected !== order.expected_delivery_date ? expected || null : null,
      }),
    onSuccess: () => {
      toast(`${order.po_number}: ${ORDER_STATUS[to].name.toLowerCase()}`);
      onClose();
    },
  });
  const errors = fieldErrors(move.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    move.mutate();
  };
  return (
    <Dialog title={`${MOVES[to]}: ${order.po_number}`} open onClose={onClose}>
      <form className="form" onSubmit={submit}>
        {to === "confirmed" && (
          <TextField
            label="Expected on"
            type="date"
            value={expected}
            error={errors.expected_delivery_date}
            hint="Change it if the supplier has named another day."
            onChange={({ target }) => setExpected(target.value)}
          />
        )}
        {ends && (
          <TextField
            label="Reason"
            value={reason}
            error={errors.reason}
            hint={to === "closed" ? "What is missing will not come any more." : "Nothing of it will come."}
            onChange={({ target }) => setReason(target.value)}
          />
        )}
        <Refusal error={move.error} shown={errors} />
        <div className="row">
          <Button kind={ends ? "danger" : "primary"} type="submit" busy={move.isPending}>
            {MOVES[to]}
          </Button>
          <Button onClick={onClose}>Not now</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Why it was refused, where no field says it. */
export function Refusal({ error, shown }: { error: Error | null; shown: Record<string, string> }) {
  if (!error || Object.keys(shown).length > 0) return null;
  const stale = error instanceof ApiError && error.status === 412;
  return (
    <p className="note error" role="alert">
      {stale ? "Somebody else has changed this order meanwhile. Close this and look at it again." : error.message}
    </p>
  );
}
