import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { CartGroup, CartView, FromCart, OrderView } from "stockcast-client";
import { placeOrders } from "../../api/cart";
import { ApiError } from "../../api/client";
import { locations } from "../../api/locations";
import { cartChanged, stockChanged } from "../../api/planning";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { SelectField, TextAreaField, TextField } from "../../ui/Field";
import { ErrorNote } from "../../ui/QueryView";
import { toggled } from "../../ui/selection";
import { chosenOf, MOST_LINES, wrongLines } from "./orderable";

interface Props {
  view: CartView;
  onPlaced: (orders: OrderView[]) => void;
  onClose: () => void;
}

/** Shows what will be ordered from whom for how much, where it goes, and orders it: all of it or nothing. */
export function PlaceDialog({ view, onPlaced, onClose }: Props) {
  const { money, count } = useFormats();
  const places = useQuery(locations());
  const [without, setWithout] = useState<ReadonlySet<string>>(new Set());
  const [details, setDetails] = useState<FromCart>({});
  const chosen = chosenOf(view.groups, without);
  const place = useMutation({
    mutationFn: () => placeOrders({ ...details, supplier_ids: chosen.groups.map(({ supplier_id }) => supplier_id) }),
    onSuccess: ({ orders }) => {
      onPlaced(orders);
      return stockChanged();
    },
    onError: () => cartChanged(),
  });
  const tooMany = chosen.lines > MOST_LINES;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    place.mutate();
  };
  const set = (name: keyof FromCart, text: string) => setDetails({ ...details, [name]: text || null });
  const toggle = (supplierId: string) => setWithout(toggled(without, supplierId));
  return (
    <Dialog title="Place orders" open onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <ul className="place-list">
          {view.groups.map((group) => (
            <Supplier
              key={group.supplier_id}
              group={group}
              checked={chosen.groups.includes(group)}
              onToggle={() => toggle(group.supplier_id)}
            />
          ))}
        </ul>
        <SelectField
          label="Deliver to"
          value={details.location_id ?? places.data?.items.find(({ is_default }) => is_default)?.location_id ?? ""}
          onChange={({ target }) => set("location_id", target.value)}
        >
          {places.data?.items.some(({ is_default }) => is_default) ? null : <option value="">Not said</option>}
          {(places.data?.items ?? []).map(({ location_id, name }) => (
            <option key={location_id} value={location_id}>
              {name}
            </option>
          ))}
        </SelectField>
        <div className="grid place-shipping">
          <TextField
            label="Shipping method (optional)"
            maxLength={200}
            placeholder="sea freight"
            onChange={({ target }) => set("shipping_method", target.value)}
          />
          <TextField
            label="Shipping unit (optional)"
            maxLength={200}
            placeholder="pallet"
            onChange={({ target }) => set("shipping_unit", target.value)}
          />
        </div>
        <TextAreaField
          label="Notes (optional)"
          hint="Printed on every one of these orders, for the supplier."
          maxLength={2000}
          rows={2}
          onChange={({ target }) => set("notes", target.value)}
        />
        {tooMany && (
          <p className="note" role="alert">
            At most {count(MOST_LINES)} lines are ordered at once: leave out a supplier, and order from it next.
          </p>
        )}
        {place.error && <Refusal error={place.error} />}
        <p>
          <strong>
            {count(chosen.groups.length)} {chosen.groups.length === 1 ? "order" : "orders"}, {count(chosen.lines)}{" "}
            {chosen.lines === 1 ? "line" : "lines"}, {money(chosen.cost)}
          </strong>
        </p>
        <div className="row">
          <Button
            kind="primary"
            type="submit"
            busy={place.isPending}
            disabled={chosen.lines === 0 || tooMany || places.isPending}
          >
            Order for {money(chosen.cost)}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

interface SupplierProps {
  group: CartGroup;
  checked: boolean;
  onToggle: () => void;
}

function Supplier({ group, checked, onToggle }: SupplierProps) {
  const { money, count } = useFormats();
  const wrong = wrongLines(group).length;
  const lines = group.lines.length;
  return (
    <li>
      <label className="check">
        <input type="checkbox" checked={checked} disabled={wrong > 0} onChange={onToggle} />
        <span>{group.supplier_name ?? group.supplier_id}</span>
      </label>
      <span className="numeric">
        {count(lines)} {lines === 1 ? "line" : "lines"}, <strong>{money(group.total_cost)}</strong>
      </span>
      {wrong > 0 && (
        <small className="bad-text">
          {wrong === 1 ? "1 line cannot be ordered as it is" : `${count(wrong)} lines cannot be ordered as they are`}.
          Change or remove {wrong === 1 ? "it" : "them"} first.
        </small>
      )}
      {group.shortfall > 0 && (
        <small className="soft">
          {money(group.shortfall)} below the minimum of {money(group.minimum_order_value ?? 0)}: the supplier may refuse
          it.
        </small>
      )}
    </li>
  );
}

/** Nothing was ordered, and why. */
function Refusal({ error }: { error: Error }) {
  const errors = (error instanceof ApiError && error.problem?.errors) || [];
  if (errors.length === 0) return <ErrorNote error={error} />;
  return (
    <div className="note error" role="alert">
      <p>
        <strong>Nothing was ordered.</strong> These lines have changed meanwhile:
      </p>
      <ul>
        {errors.slice(0, 5).map(({ pointer, detail }) => (
          <li key={pointer}>{detail}</li>
        ))}
      </ul>
    </div>
  );
}
