/** What the forms of a product hold, and what they send. Numbers are sent as numbers; nothing entered is null. */
import type { ConditionBody, NewConditionBody, ProductDetail, ProductPatch, SupplierCondition } from "stockcast-client";
import { numberOrNull, textOrNull } from "../../ui/changes";

export interface PlanningForm {
  /** In percent. */
  service_level: string;
  min_stock: string;
  max_stock: string;
  strategic: boolean;
  do_not_order: boolean;
  do_not_order_until: string;
  reason: string;
}

export const PLANNING_NAMES: Record<keyof PlanningForm, string> = {
  service_level: "Service level, %",
  min_stock: "Minimum stock",
  max_stock: "Maximum stock",
  strategic: "Keep in stock even if it does not sell",
  do_not_order: "Do not order",
  do_not_order_until: "Until",
  reason: "Reason",
};

const text = (value: string | number | null | undefined): string => String(value ?? "");
/** 0.975 is 97.5 %, whatever binary fractions make of it. */
const percent = (share: number): number => Number((share * 100).toFixed(6));
const share = (percent: number): number => Number((percent / 100).toFixed(8));

export function planningForm({ planning, strategic }: ProductDetail): PlanningForm {
  return {
    service_level: planning?.service_level ? text(percent(planning.service_level)) : "",
    min_stock: text(planning?.min_stock),
    max_stock: text(planning?.max_stock),
    strategic,
    do_not_order: planning?.do_not_order ?? false,
    do_not_order_until: text(planning?.do_not_order_until),
    reason: text(planning?.reason),
  };
}

/** The changed fields alone; an end goes with what it ends. */
export function planningPatch(changes: Partial<PlanningForm>): ProductPatch {
  const { strategic, ...planned } = changes;
  const planning: NonNullable<ProductPatch["planning"]> = {};
  if (planned.service_level !== undefined) {
    const level = numberOrNull(planned.service_level);
    planning.service_level = level === null ? null : share(level);
  }
  if (planned.min_stock !== undefined) planning.min_stock = numberOrNull(planned.min_stock);
  if (planned.max_stock !== undefined) planning.max_stock = numberOrNull(planned.max_stock);
  if (planned.reason !== undefined) planning.reason = textOrNull(planned.reason);
  if (planned.do_not_order !== undefined) planning.do_not_order = planned.do_not_order;
  if (planned.do_not_order_until !== undefined && planned.do_not_order !== false) {
    planning.do_not_order_until = textOrNull(planned.do_not_order_until);
  }
  return {
    ...(strategic === undefined ? {} : { strategic }),
    ...(Object.keys(planning).length ? { planning } : {}),
  };
}

export interface DetailsForm {
  product_name: string;
  category: string;
  sku: string;
  unit_cost: string;
  unit_price: string;
  needs_review: boolean;
}

export const DETAILS_NAMES: Record<keyof DetailsForm, string> = {
  product_name: "Name",
  category: "Category",
  sku: "SKU",
  unit_cost: "Unit cost",
  unit_price: "Sale price",
  needs_review: "Somebody is to look at name, category or cost",
};

export const detailsForm = (product: ProductDetail): DetailsForm => ({
  product_name: product.product_name,
  category: product.category,
  sku: text(product.sku),
  unit_cost: text(product.unit_cost),
  unit_price: text(product.unit_price),
  needs_review: product.needs_review,
});

export function detailsPatch({ sku, unit_cost, unit_price, ...same }: Partial<DetailsForm>): ProductPatch {
  return {
    ...same,
    ...(sku === undefined ? {} : { sku: textOrNull(sku) }),
    ...(unit_cost === undefined ? {} : { unit_cost: numberOrNull(unit_cost) ?? 0 }),
    ...(unit_price === undefined ? {} : { unit_price: numberOrNull(unit_price) }),
  };
}

export interface TermsForm {
  supplier_id: string;
  supplier_cost: string;
  moq: string;
  packaging_qty: string;
  packaging_unit: string;
  lead_time_days: string;
  supplier_sku: string;
  is_primary: boolean;
  notes: string;
}

export const TERMS_NAMES: Record<keyof TermsForm, string> = {
  supplier_id: "Supplier",
  supplier_cost: "Cost of a unit",
  moq: "Minimum quantity",
  packaging_qty: "Units in a pack",
  packaging_unit: "Packed in",
  lead_time_days: "Lead time, days",
  supplier_sku: "Its number there",
  is_primary: "Planning goes by this supplier",
  notes: "Notes",
};

/** The terms as they are; those of a supplier to be linked are left to the API where nothing is entered. */
export const termsForm = (terms?: SupplierCondition): TermsForm => ({
  supplier_id: text(terms?.supplier_id),
  supplier_cost: text(terms?.supplier_cost),
  moq: text(terms?.moq),
  packaging_qty: text(terms?.packaging_qty),
  packaging_unit: text(terms?.packaging_unit),
  lead_time_days: text(terms?.lead_time_days),
  supplier_sku: text(terms?.supplier_sku),
  is_primary: terms?.is_primary ?? false,
  notes: text(terms?.notes),
});

/** All of the terms: the API replaces them. */
export const termsBody = (form: TermsForm) =>
  ({
    supplier_cost: Number(form.supplier_cost),
    moq: numberOrNull(form.moq) ?? 0,
    packaging_qty: numberOrNull(form.packaging_qty) ?? 1,
    packaging_unit: textOrNull(form.packaging_unit),
    lead_time_days: Number(form.lead_time_days),
    supplier_sku: textOrNull(form.supplier_sku),
    is_primary: form.is_primary,
    notes: textOrNull(form.notes),
  }) satisfies ConditionBody;

/** A product's first supplier is its primary one unless somebody says otherwise. */
export const newTerms = (form: TermsForm): NewConditionBody => ({
  ...termsBody(form),
  supplier_id: form.supplier_id,
  lead_time_days: numberOrNull(form.lead_time_days),
  is_primary: form.is_primary || null,
});

/** The next quantity that the supplier sells: at least its minimum, in whole packs. */
export function orderable(wanted: number, { moq, packaging_qty }: SupplierCondition): number {
  const least = Math.max(wanted, moq, 0);
  if (packaging_qty <= 0) return least;
  const packs = Math.max(1, Math.ceil(Number((least / packaging_qty).toFixed(6))));
  return Number((packs * packaging_qty).toFixed(3));
}
