import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { ProductDetail } from "stockcast-client";
import { addLine } from "../../api/cart";
import { fieldErrors } from "../../api/client";
import { cartChanged } from "../../api/planning";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { SelectField, TextField } from "../../ui/Field";
import { toast } from "../../ui/toasts";
import { orderable } from "./forms";

interface Props {
  product: ProductDetail;
  /** Units to order now, as suggested; 0: none are due. */
  suggested: number;
  onClose: () => void;
}

/** Into the user's cart: from whom and how many, the suggested number at first. */
export function CartDialog({ product, suggested, onClose }: Props) {
  const { quantity, unitCost, money } = useFormats();
  const [supplierId, setSupplierId] = useState(product.suppliers[0]?.supplier_id ?? "");
  const terms = product.suppliers.find(({ supplier_id }) => supplier_id === supplierId);
  const [entered, setEntered] = useState<string | null>(null);
  const units = entered ?? (terms ? String(orderable(suggested, terms)) : "");
  const body = { item_id: product.item_id, supplier_id: supplierId, quantity: Number(units) };
  const add = useMutation({
    mutationFn: () => addLine(body),
    onSettled: () => cartChanged(),
    onSuccess: ({ warnings }) => {
      toast([`${product.product_name} is in your cart.`, ...warnings.map(({ detail }) => detail)].join(" "));
      onClose();
    },
  });
  const errors = fieldErrors(add.error);
  return (
    <Dialog title={`Add ${product.product_name} to the cart`} open onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <SelectField
          label="Supplier"
          value={supplierId}
          error={errors.supplier_id}
          onChange={({ target }) => {
            setSupplierId(target.value);
            setEntered(null);
          }}
        >
          {product.suppliers.map(({ supplier_id, supplier_name, supplier_cost }) => (
            <option key={supplier_id} value={supplier_id}>
              {supplier_name}, {unitCost(supplier_cost)} a unit
            </option>
          ))}
        </SelectField>
        <TextField
          label="Quantity"
          type="number"
          min={0.001}
          step={0.001}
          required
          autoFocus
          value={units}
          error={errors.quantity}
          hint={
            terms &&
            [
              suggested > 0 ? `${quantity(suggested)} are suggested.` : "No order of it is due.",
              terms.moq > 0 && `At least ${quantity(terms.moq)}.`,
              terms.packaging_qty !== 1 && `In packs of ${quantity(terms.packaging_qty)}.`,
            ]
              .filter(Boolean)
              .join(" ")
          }
          onChange={({ target }) => setEntered(target.value)}
        />
        {terms && Number(units) > 0 && (
          <p>
            {money(Number(units) * terms.supplier_cost)}, there in {terms.lead_time_days} days from the order.
          </p>
        )}
        {add.error && Object.keys(errors).length === 0 && (
          <p className="note error" role="alert">
            {add.error.message}
          </p>
        )}
        <div className="row">
          <Button kind="primary" type="submit" busy={add.isPending}>
            Add
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
