import type { SupplierRow, SupplierView } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { storedSort, withFigures } from "./measured";
import { mayChange, newSupplier, supplierBody, supplierForm } from "./supplierForm";

const ALBION = { supplier_id: "A", name: "Albion", lead_time_days: 7, minimum_order_value: null } as SupplierView;
const BRISTOL = { supplier_id: "B", name: "Bristol", lead_time_days: null } as SupplierView;
const CANTON = { supplier_id: "C", name: "Canton" } as SupplierView;
const figures = [
  { supplier_id: "A", otif: 0.7 },
  { supplier_id: "C", otif: 0.95 },
] as SupplierRow[];

describe("the form of a supplier", () => {
  it("sends what it has read", () => {
    const form = supplierForm(ALBION);
    expect(form.lead_time_days).toBe("7");
    expect(supplierBody(form)).toMatchObject({ name: "Albion", lead_time_days: 7, minimum_order_value: null });
  });
  it("sends no text as null, and makes no id of its own", () =>
    expect(newSupplier({ ...supplierForm(), name: " New ", notes: " " })).toMatchObject({
      name: "New",
      notes: null,
      supplier_id: null,
    }));
  it("leaves what a sync brings to the sync", () => {
    expect(mayChange("name", true)).toBe(false);
    expect(mayChange("notes", true)).toBe(true);
    expect(mayChange("name", false)).toBe(true);
  });
});

describe("sorting by figures", () => {
  const ids = (sort: string | null) => withFigures([BRISTOL, ALBION, CANTON], figures, sort).map((row) => row.name);
  it("puts those without figures last either way", () => {
    expect(ids("-otif")).toEqual(["Canton", "Albion", "Bristol"]);
    expect(ids("otif")).toEqual(["Albion", "Canton", "Bristol"]);
  });
  it("keeps the API's order otherwise", () => expect(ids("-name")).toEqual(["Bristol", "Albion", "Canton"]));
  it("is not asked of the API", () => {
    expect(storedSort("-otif")).toBeUndefined();
    expect(storedSort("-otif,name")).toBe("name");
  });
});
