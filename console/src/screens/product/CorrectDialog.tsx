import type { ProductRow } from "stockcast-client";
import { correctStock } from "../../api/inventory";
import { productsChanged } from "../../api/products";
import { useFormats } from "../../format/useFormats";
import { Dialog } from "../../ui/Dialog";
import { useEditing } from "../../ui/editing";
import { TextField } from "../../ui/Field";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";

const NAMES = { current_stock: "Counted", reason: "Reason" };

interface Props {
  row: ProductRow;
  place: string | undefined;
  onClose: () => void;
}

/** What was counted at a location, and why it differs; refused where the stock has changed since it was read. */
export function CorrectDialog({ row, place, onClose }: Props) {
  const { quantity } = useFormats();
  const name = place ?? row.location_id ?? "";
  const form = useEditing({
    start: { value: { current_stock: "", reason: "" }, etag: null },
    write: ({ current_stock, reason }) =>
      correctStock({
        item_id: row.item_id,
        location_id: row.location_id ?? "",
        current_stock: Number(current_stock),
        expected_stock: row.current_stock,
        reason: reason.trim(),
      }),
    onSaved: () => {
      productsChanged();
      toast(`The stock in ${name} is ${quantity(Number(form.values.current_stock))} now.`);
      onClose();
    },
  });
  return (
    <Dialog title={`Correct the stock in ${name}`} open onClose={onClose}>
      <form className="form" onSubmit={form.submit}>
        <p>
          {row.product_name}: {quantity(row.current_stock)} are on record there.
        </p>
        <TextField
          label={NAMES.current_stock}
          type="number"
          step={0.001}
          required
          autoFocus
          value={form.values.current_stock}
          error={form.errors.current_stock}
          onChange={({ target }) => form.set({ current_stock: target.value })}
        />
        <TextField
          label={NAMES.reason}
          hint="Such as counted, damaged or found. It stands in the audit log."
          maxLength={500}
          required
          value={form.values.reason}
          error={form.errors.reason}
          onChange={({ target }) => form.set({ reason: target.value })}
        />
        <SaveBar form={form} action="Correct" names={NAMES} shown={Object.keys(NAMES)} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
