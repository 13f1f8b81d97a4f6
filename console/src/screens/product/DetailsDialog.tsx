import type { ProductDetail } from "stockcast-client";
import { queries, type Versioned } from "../../api/client";
import { changeProduct, product as productOf, productsChanged } from "../../api/products";
import { useFormats } from "../../format/useFormats";
import { Dialog } from "../../ui/Dialog";
import { useEditing } from "../../ui/editing";
import { CheckField, TextField } from "../../ui/Field";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";
import { type DetailsForm, detailsForm, detailsPatch, DETAILS_NAMES as NAMES } from "./forms";

interface Props {
  read: Versioned<ProductDetail>;
  onClose: () => void;
}

/** What the product is called and costs, and whether somebody is to look at that. */
export function DetailsDialog({ read, onClose }: Props) {
  const { item_id: itemId, product_name: name } = read.value;
  const { currency } = useFormats();
  const form = useEditing({
    start: { value: detailsForm(read.value), etag: read.etag },
    reread: async () => {
      const { value, etag } = await queries.fetchQuery({ ...productOf(itemId), staleTime: 0 });
      return { value: detailsForm(value), etag };
    },
    write: (_: DetailsForm, changes, headers) =>
      changeProduct(itemId, detailsPatch(changes), { "If-Match": headers["If-Match"] }),
    onSaved: (saved) => {
      productsChanged();
      toast(`${saved.product_name} is saved.`);
      onClose();
    },
  });
  const field = (field: Exclude<keyof DetailsForm, "needs_review">) => ({
    label: NAMES[field],
    value: form.values[field],
    error: form.errors[field],
    onChange: ({ target }: { target: { value: string } }) => form.set({ [field]: target.value }),
  });
  const money = currency ? `In ${currency}.` : undefined;
  return (
    <Dialog title={`Edit ${name}`} open onClose={onClose}>
      <form className="form" onSubmit={form.submit}>
        <TextField {...field("product_name")} required maxLength={500} />
        <div className="grid pair">
          <TextField {...field("category")} required maxLength={200} />
          <TextField {...field("sku")} maxLength={200} hint="Where it is not the product's own number." />
          <TextField {...field("unit_cost")} type="number" min={0} step={0.0001} hint={money} />
          <TextField {...field("unit_price")} type="number" min={0} step={0.0001} hint={money} />
        </div>
        <CheckField
          label={NAMES.needs_review}
          checked={form.values.needs_review}
          onChange={({ target }) => form.set({ needs_review: target.checked })}
        />
        <SaveBar form={form} action="Save" names={NAMES} shown={Object.keys(NAMES)} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
