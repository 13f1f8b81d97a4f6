import { describe, expect, it } from "vitest";
import { additionFilters, limited, suggestionsQuery, transfersQuery } from "./address";

const query = (text: string) => suggestionsQuery(new URLSearchParams(text));

describe("the address of planning", () => {
  it("asks for what the API calls the same", () =>
    expect(query("supplier_id=acme&supplier_id=fast&min_risk=0.5&budget=500&page=2&view=orders")).toEqual({
      page: 2,
      page_size: 50,
      supplier_id: ["acme", "fast"],
      min_risk: 0.5,
      budget: 500,
    }));

  it("of transfers says from where and to where", () =>
    expect(transfersQuery(new URLSearchParams("view=transfers&from_location_id=LONDON"))).toEqual({
      page_size: 50,
      from_location_id: ["LONDON"],
    }));
});

describe("adding what the filters leave", () => {
  it("has the same filters, without the page", () =>
    expect(additionFilters(query("supplier_id=acme&category=Mugs&location_id=DUBLIN&top=20&page=3"))).toEqual({
      supplier_id: "acme",
      category: "Mugs",
      location_id: "DUBLIN",
      top: 20,
    }));
  it("without filters is adding everything", () => expect(additionFilters(query(""))).toEqual({}));
  it("is not possible for several suppliers at once", () =>
    expect(additionFilters(query("supplier_id=a&supplier_id=b"))).toBeNull());
  it("is limited by number and by money", () => {
    expect([limited(query("top=5")), limited(query("budget=0")), limited(query("min_risk=1"))]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
