/** What the form of a supplier holds, and what it sends. */
import type { NewSupplier, SupplierBody, SupplierView } from "stockcast-client";
import { numberOrNull, textOrNull } from "../../ui/changes";

export interface SupplierForm {
  supplier_id: string;
  name: string;
  supplier_type: string;
  external_id: string;
  lead_time_days: string;
  minimum_order_value: string;
  payment_terms: string;
  contact_name: string;
  contact_email: string;
  contact_phone: string;
  address: string;
  notes: string;
}

export const NAMES: Record<keyof SupplierForm, string> = {
  supplier_id: "Id",
  name: "Name",
  supplier_type: "Type",
  external_id: "Number in your system",
  lead_time_days: "Lead time",
  minimum_order_value: "Minimum order",
  payment_terms: "Payment terms",
  contact_name: "Contact",
  contact_email: "Email",
  contact_phone: "Phone",
  address: "Address",
  notes: "Notes",
};

/** What may be changed of a supplier that the client's own system keeps: no sync brings these. */
const OURS: readonly (keyof SupplierForm)[] = ["contact_name", "contact_email", "contact_phone", "notes"];

export const mayChange = (field: keyof SupplierForm, isSynced: boolean): boolean => !isSynced || OURS.includes(field);

const FIELDS = Object.keys(NAMES) as (keyof SupplierForm)[];

export function supplierForm(supplier?: SupplierView): SupplierForm {
  const texts = FIELDS.map((field) => [field, String(supplier?.[field] ?? "")]);
  return Object.fromEntries(texts) as Record<keyof SupplierForm, string>;
}

export function supplierBody(form: SupplierForm): SupplierBody {
  return {
    name: form.name.trim(),
    supplier_type: textOrNull(form.supplier_type),
    external_id: textOrNull(form.external_id),
    lead_time_days: numberOrNull(form.lead_time_days),
    minimum_order_value: numberOrNull(form.minimum_order_value),
    payment_terms: textOrNull(form.payment_terms),
    contact_name: textOrNull(form.contact_name),
    contact_email: textOrNull(form.contact_email),
    contact_phone: textOrNull(form.contact_phone),
    address: textOrNull(form.address),
    notes: textOrNull(form.notes),
  };
}

export const newSupplier = (form: SupplierForm): NewSupplier => ({
  ...supplierBody(form),
  supplier_id: textOrNull(form.supplier_id),
});
