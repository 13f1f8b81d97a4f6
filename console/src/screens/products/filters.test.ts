import { describe, expect, it } from "vitest";
import { formats } from "../../format/format";
import { changed } from "../../url/location";
import { chipsOf, queryOf, RESET } from "./filters";

const british = formats("en-GB", "GBP", "Europe/London");
const names = { suppliers: new Map([["SUP-A", "Albion"]]), locations: new Map([["L1", "London"]]) };
const words = (search: string): string[] =>
  chipsOf(new URLSearchParams(search), british, names).map(({ text }) => text);

describe("the filters of an address", () => {
  it.each([
    ["status=understocked&status=normal", ["Status: Understocked", "Status: Normal"]],
    ["min_sales_at_risk=0.01&sort=-sales_at_risk", ["Sales at risk: £0.01 or more"]],
    ["supplier_id=SUP-A&location_id=L1&supplier_id=SUP-B", ["Supplier: Albion", "Supplier: SUP-B", "Location: London"]],
    ["min_dir=7&max_dir=14", ["Lasts: 7 d to 14 d"]],
    ["max_stockout_risk=0.3", ["Stockout risk: 30% or less"]],
    ["min_last_sale=2011-10-01", ["Last sale: from 1 Oct 2011"]],
    ["alert=stockout_imminent", ["Alert: Runs out soon"]],
    ["needs_review=true&do_not_order=false", ["May be ordered", "Needs review"]],
    ["min_dir=soon", ["Lasts: soon or more"]],
    ["status=lost", ["Status: lost"]],
    ["sort=dir&page=3&columns=dir&client_id=demo&search=red", []],
  ])("%s", (search, expected) => expect(words(search)).toEqual(expected));

  it("are removed one by one", () => {
    const search = new URLSearchParams("status=normal&status=understocked&min_dir=7&max_dir=14&sort=dir");
    const after = chipsOf(search, british, names).map(({ removal }) => changed(search, removal).toString());
    expect(after).toEqual([
      "min_dir=7&max_dir=14&sort=dir&status=understocked",
      "min_dir=7&max_dir=14&sort=dir&status=normal",
      "status=normal&status=understocked&sort=dir",
    ]);
  });

  it("are all removed by a reset, which leaves the order and the columns", () =>
    expect(
      changed(
        new URLSearchParams("status=normal&min_dir=7&alert=dead_stock&sort=dir&columns=dir&page=2"),
        RESET,
      ).toString(),
    ).toBe("sort=dir&columns=dir"));
});

describe("what is asked of the API", () => {
  it("is what the address says by the API's names, and nothing of the screen's own", () =>
    expect(queryOf(new URLSearchParams("status=a&status=b&min_dir=7&columns=dir&client_id=x&utm=1&page=2"))).toEqual({
      status: ["a", "b"],
      min_dir: "7",
      page: "2",
    }));
  it("leaves out what is asked apart", () =>
    expect(queryOf(new URLSearchParams("category=Bags&sort=dir"), ["category"])).toEqual({ sort: "dir" }));
});
