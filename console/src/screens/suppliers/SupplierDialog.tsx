import type { SupplierView } from "stockcast-client";
import { queries, type Versioned } from "../../api/client";
import { addSupplier, saveSupplier, supplier, suppliersChanged } from "../../api/suppliers";
import { useFormats } from "../../format/useFormats";
import { Dialog } from "../../ui/Dialog";
import { useEditing } from "../../ui/editing";
import { TextAreaField, TextField } from "../../ui/Field";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";
import { navigate } from "../../url/location";
import { at } from "../../url/routes";
import { mayChange, NAMES, newSupplier, type SupplierForm, supplierBody, supplierForm } from "./supplierForm";

interface Props {
  /** The one that is edited; a new one without it. */
  edited?: Versioned<SupplierView>;
  onClose: () => void;
}

/** A supplier's form; of one that the client's own system keeps, contacts and notes alone can be changed. */
export function SupplierDialog({ edited, onClose }: Props) {
  const { currency } = useFormats();
  const id = edited?.value.supplier_id;
  const isSynced = edited?.value.is_synced ?? false;
  const form = useEditing({
    start: { value: supplierForm(edited?.value), etag: edited?.etag ?? null },
    reread: id
      ? async () => {
          const { value, etag } = await queries.fetchQuery({ ...supplier(id), staleTime: 0 });
          return { value: supplierForm(value), etag };
        }
      : undefined,
    write: (values: SupplierForm, _, headers) =>
      id
        ? saveSupplier(id, supplierBody(values), { "If-Match": headers["If-Match"] })
        : addSupplier(newSupplier(values), { "Idempotency-Key": headers["Idempotency-Key"] }),
    onSaved: (saved) => {
      suppliersChanged();
      toast(id ? `${saved.name} is saved.` : `${saved.name} is added.`);
      if (!id) navigate(at("/suppliers", saved.supplier_id));
      onClose();
    },
  });
  const field = (name: keyof SupplierForm) => ({
    label: NAMES[name],
    value: form.values[name],
    error: form.errors[name],
    readOnly: !mayChange(name, isSynced),
    onChange: ({ target }: { target: { value: string } }) => form.set({ [name]: target.value }),
  });

  return (
    <Dialog title={id ? `Edit ${edited?.value.name}` : "Add a supplier"} open onClose={onClose}>
      <form className="form" onSubmit={form.submit}>
        {isSynced && (
          <p className="note">
            Your own system keeps this supplier. Contact and notes are kept here; the rest comes with the next sync.
          </p>
        )}
        <TextField {...field("name")} required maxLength={200} />
        <div className="grid pair">
          {!id && <TextField {...field("supplier_id")} maxLength={200} hint="Left empty, one is made." />}
          <TextField {...field("supplier_type")} maxLength={200} hint="Your own grouping, such as wholesaler." />
          <TextField {...field("external_id")} maxLength={200} />
          <TextField
            {...field("lead_time_days")}
            type="number"
            min={0}
            max={730}
            step={1}
            hint="Days, order to receipt."
          />
          <TextField
            {...field("minimum_order_value")}
            type="number"
            min={0}
            max={1e9}
            step={0.01}
            hint={`Least value of an order${currency ? `, in ${currency}` : ""}.`}
          />
          <TextField {...field("payment_terms")} maxLength={200} hint="Such as 30 days net." />
          <TextField {...field("contact_name")} maxLength={200} />
          <TextField {...field("contact_email")} type="email" maxLength={200} hint="Where orders are sent." />
          <TextField {...field("contact_phone")} type="tel" maxLength={200} />
        </div>
        <TextAreaField {...field("address")} maxLength={500} />
        <TextAreaField {...field("notes")} maxLength={500} />
        <SaveBar form={form} action={id ? "Save" : "Add"} names={NAMES} shown={Object.keys(NAMES)} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
