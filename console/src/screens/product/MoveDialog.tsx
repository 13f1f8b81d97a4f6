import { useQuery } from "@tanstack/react-query";
import type { ProductDetail, ProductRow } from "stockcast-client";
import { locations } from "../../api/locations";
import { moveStock } from "../../api/planning";
import { productsChanged } from "../../api/products";
import { useFormats } from "../../format/useFormats";
import { textOrNull } from "../../ui/changes";
import { Dialog } from "../../ui/Dialog";
import { useEditing } from "../../ui/editing";
import { SelectField, TextField } from "../../ui/Field";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";

const NAMES = { to_location_id: "To", quantity: "Units", reason: "Reason (optional)" };

interface Props {
  product: ProductDetail;
  from: ProductRow;
  onClose: () => void;
}

/** Units that go from a location to another; refused where the stock has changed since it was read. */
export function MoveDialog({ product, from, onClose }: Props) {
  const { quantity } = useFormats();
  const places = useQuery(locations()).data?.items ?? [];
  const nameOf = (id: string) => places.find(({ location_id }) => location_id === id)?.name ?? id;
  const stock = new Map(product.stock_per_location.map((row) => [row.location_id, row.current_stock]));
  const source = from.location_id ?? "";
  const form = useEditing({
    start: { value: { to_location_id: "", quantity: "", reason: "" }, etag: null },
    write: (values) =>
      moveStock({
        item_id: from.item_id,
        from_location_id: source,
        to_location_id: values.to_location_id,
        quantity: Number(values.quantity),
        expected_stock: from.current_stock,
        reason: textOrNull(values.reason),
      }),
    onSaved: (moved) => {
      productsChanged();
      toast(`${quantity(moved.quantity)} units are in ${nameOf(moved.to_location_id)} now.`);
      onClose();
    },
  });
  return (
    <Dialog title={`Move stock from ${nameOf(source)}`} open onClose={onClose}>
      <form className="form" onSubmit={form.submit}>
        <p>
          {product.product_name}: {quantity(from.current_stock)} are there. The stock of both locations changes at once.
        </p>
        <SelectField
          label={NAMES.to_location_id}
          required
          value={form.values.to_location_id}
          error={form.errors.to_location_id}
          onChange={({ target }) => form.set({ to_location_id: target.value })}
        >
          <option value="">Choose a location</option>
          {places
            .filter(({ location_id }) => location_id !== source)
            .map(({ location_id, name }) => (
              <option key={location_id} value={location_id}>
                {name},{" "}
                {stock.has(location_id) ? `which has ${quantity(stock.get(location_id) ?? 0)}` : "which has none"}
              </option>
            ))}
        </SelectField>
        <TextField
          label={NAMES.quantity}
          type="number"
          min={0.001}
          max={from.current_stock}
          step={0.001}
          required
          value={form.values.quantity}
          error={form.errors.quantity}
          onChange={({ target }) => form.set({ quantity: target.value })}
        />
        <TextField
          label={NAMES.reason}
          maxLength={500}
          value={form.values.reason}
          error={form.errors.reason}
          onChange={({ target }) => form.set({ reason: target.value })}
        />
        <SaveBar form={form} action="Move" names={NAMES} shown={Object.keys(NAMES)} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
