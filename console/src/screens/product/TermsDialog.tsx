import { useQuery } from "@tanstack/react-query";
import type { ProductDetail, SupplierCondition } from "stockcast-client";
import { productsChanged } from "../../api/products";
import { supplierNames } from "../../api/suppliers";
import { link, readTerms, saveTerms } from "../../api/terms";
import { Dialog } from "../../ui/Dialog";
import { type Editing, useEditing } from "../../ui/editing";
import { CheckField, SelectField, TextAreaField, TextField } from "../../ui/Field";
import { QueryView } from "../../ui/QueryView";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";
import { TERMS_NAMES as NAMES, newTerms, type TermsForm, termsBody, termsForm } from "./forms";

interface Props {
  product: ProductDetail;
  /** Those that are edited; without them another supplier is linked. */
  terms?: SupplierCondition;
  onClose: () => void;
}

/** The terms on which a supplier sells the product. */
export function TermsDialog({ product, terms, onClose }: Props) {
  return (
    <Dialog
      title={terms ? `Terms of ${terms.supplier_name}` : `Link a supplier to ${product.product_name}`}
      open
      onClose={onClose}
    >
      {terms ? (
        <Edit itemId={product.item_id} supplierId={terms.supplier_id} onClose={onClose} />
      ) : (
        <Link product={product} onClose={onClose} />
      )}
    </Dialog>
  );
}

/** The terms are read with their version first: the screen has them without. */
function Edit({ itemId, supplierId, onClose }: { itemId: string; supplierId: string; onClose: () => void }) {
  const read = useQuery({
    queryKey: ["products", "terms", itemId, supplierId],
    queryFn: () => readTerms(itemId, supplierId),
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <QueryView query={read} height="26rem">
      {(terms) => <EditForm itemId={itemId} read={terms} onClose={onClose} />}
    </QueryView>
  );
}

interface EditFormProps {
  itemId: string;
  read: { value: SupplierCondition; etag: string | null };
  onClose: () => void;
}

function EditForm({ itemId, read, onClose }: EditFormProps) {
  const { supplier_id: supplierId, supplier_name: name, is_synced } = read.value;
  const form = useEditing({
    start: { value: termsForm(read.value), etag: read.etag },
    reread: async () => {
      const { value, etag } = await readTerms(itemId, supplierId);
      return { value: termsForm(value), etag };
    },
    write: (values: TermsForm, _, headers) =>
      saveTerms(itemId, supplierId, termsBody(values), { "If-Match": headers["If-Match"] }),
    onSaved: () => {
      productsChanged();
      toast(`The terms of ${name} are saved.`);
      onClose();
    },
  });
  return (
    <Form form={form} action="Save" onClose={onClose}>
      {is_synced && <p className="note">These terms come from your own system: its next sync brings its own again.</p>}
    </Form>
  );
}

function Link({ product, onClose }: { product: ProductDetail; onClose: () => void }) {
  const linked = product.suppliers.map(({ supplier_id }) => supplier_id);
  const others = useQuery(supplierNames()).data?.items.filter(({ supplier_id }) => !linked.includes(supplier_id));
  const form = useEditing({
    start: { value: termsForm(), etag: null },
    write: (values: TermsForm, _, headers) =>
      link(product.item_id, newTerms(values), { "Idempotency-Key": headers["Idempotency-Key"] }),
    onSaved: (terms) => {
      productsChanged();
      toast(`${terms.supplier_name} sells ${product.product_name} now.`);
      onClose();
    },
  });
  return (
    <Form form={form} action="Link" onClose={onClose}>
      <SelectField
        label={NAMES.supplier_id}
        required
        value={form.values.supplier_id}
        error={form.errors.supplier_id}
        onChange={({ target }) => form.set({ supplier_id: target.value })}
      >
        <option value="">{others?.length === 0 ? "All suppliers are linked" : "Choose a supplier"}</option>
        {others?.map(({ supplier_id, name }) => (
          <option key={supplier_id} value={supplier_id}>
            {name}
          </option>
        ))}
      </SelectField>
    </Form>
  );
}

interface FormProps {
  form: Editing<TermsForm>;
  action: "Save" | "Link";
  onClose: () => void;
  children: React.ReactNode;
}

function Form({ form, action, onClose, children }: FormProps) {
  const field = (name: Exclude<keyof TermsForm, "is_primary">) => ({
    label: NAMES[name],
    value: form.values[name],
    error: form.errors[name],
    onChange: ({ target }: { target: { value: string } }) => form.set({ [name]: target.value }),
  });
  return (
    <form className="form" onSubmit={form.submit}>
      {children}
      <div className="grid pair">
        <TextField {...field("supplier_cost")} type="number" min={0} step={0.0001} required />
        <TextField
          {...field("lead_time_days")}
          type="number"
          min={0}
          max={730}
          step={1}
          required={action === "Save"}
          hint={action === "Link" ? "Left empty: the supplier's." : undefined}
        />
        <TextField {...field("moq")} type="number" min={0} step={0.001} />
        <TextField {...field("packaging_qty")} type="number" min={0} step={0.001} hint="Orders are whole packs." />
        <TextField {...field("packaging_unit")} maxLength={200} hint="Such as box of 6." />
        <TextField {...field("supplier_sku")} maxLength={200} />
      </div>
      <CheckField
        label={NAMES.is_primary}
        checked={form.values.is_primary}
        onChange={({ target }) => form.set({ is_primary: target.checked })}
      />
      <TextAreaField {...field("notes")} maxLength={500} />
      <SaveBar form={form} action={action} names={NAMES} shown={Object.keys(NAMES)} onCancel={onClose} />
    </form>
  );
}
