import type { ProductDetail, SupplierCondition } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { detailsPatch, newTerms, orderable, planningForm, planningPatch, termsBody, termsForm } from "./forms";

const planned = (planning: ProductDetail["planning"]) => planningForm({ planning, strategic: true } as ProductDetail);
const terms = (moq: number, packaging_qty: number) => ({ moq, packaging_qty }) as SupplierCondition;

describe("planning", () => {
  it("shows a level in percent and nothing where nothing is planned", () => {
    expect(planned(null)).toMatchObject({ service_level: "", min_stock: "", do_not_order: false, strategic: true });
    const level = { service_level: 0.975, min_stock: 0, max_stock: null, reason: null };
    expect(planned({ ...level, do_not_order: true, do_not_order_until: "2011-12-24" })).toMatchObject({
      service_level: "97.5",
      min_stock: "0",
      max_stock: "",
      do_not_order_until: "2011-12-24",
    });
  });

  it.each([
    [{ service_level: "97.3" }, { planning: { service_level: 0.973 } }],
    [{ service_level: "" }, { planning: { service_level: null } }],
    [{ min_stock: "12.5", max_stock: "" }, { planning: { min_stock: 12.5, max_stock: null } }],
    [{ strategic: true }, { strategic: true }],
    [
      { do_not_order: true, do_not_order_until: "2011-12-24", reason: " too much " },
      { planning: { do_not_order: true, do_not_order_until: "2011-12-24", reason: "too much" } },
    ],
    [{ do_not_order: false, do_not_order_until: "" }, { planning: { do_not_order: false } }],
    [{ do_not_order_until: "" }, { planning: { do_not_order_until: null } }],
    [{}, {}],
  ])("%j sends %j", (changes, body) => expect(planningPatch(changes)).toEqual(body));
});

it("details are sent as numbers, and what is empty as nothing", () =>
  expect(detailsPatch({ unit_cost: "1.4825", unit_price: "", sku: "", needs_review: false })).toEqual({
    unit_cost: 1.4825,
    unit_price: null,
    sku: null,
    needs_review: false,
  }));

describe("terms", () => {
  const form = { ...termsForm(), supplier_id: "SUP-A", supplier_cost: "1.25", moq: "24", lead_time_days: "" };
  it("of a new supplier leave to the API what is not entered", () =>
    expect(newTerms(form)).toEqual({
      supplier_id: "SUP-A",
      supplier_cost: 1.25,
      moq: 24,
      packaging_qty: 1,
      packaging_unit: null,
      lead_time_days: null,
      supplier_sku: null,
      is_primary: null,
      notes: null,
    }));
  it("are replaced as a whole", () =>
    expect(termsBody({ ...form, lead_time_days: "9", is_primary: true })).toMatchObject({
      lead_time_days: 9,
      is_primary: true,
      moq: 24,
    }));
  it.each([
    [0, 486, 6, 486],
    [490, 486, 6, 492],
    [0, 0, 1, 1],
    [7, 0, 0, 7],
    [0.3, 0, 0.1, 0.3],
  ])("%d wanted, at least %d in packs of %d: %d", (wanted, moq, pack, quantity) =>
    expect(orderable(wanted, terms(moq, pack))).toBe(quantity),
  );
});
