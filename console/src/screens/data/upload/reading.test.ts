import type { MappingView } from "stockcast-client";
import { describe, expect, it } from "vitest";
import {
  choiceOf,
  columnsOfRefusal,
  exclusionsSent,
  formOf,
  mappingBody,
  rebound,
  suggestionOfRefusal,
  translation,
} from "./reading";

const file = new File(["a;b\n1;2\n"], "stock.csv");
const exclude = [{ reason: "postage", where: { item_id: { matches: "^POST$", below: null } } }];
const saved = {
  kind: "stock-levels",
  mapping: { item_id: "Artikel", exclude },
  delimiter: ";",
  encoding: null,
  header_row: 3,
  sheet: null,
  decimal_mark: ",",
  date_order: null,
  default_location_id: "SHOP",
  created_at: null,
  updated_at: null,
} as unknown as MappingView;

describe("what an import sends", () => {
  it("is nothing that was not said", () =>
    expect(formOf("products", file, { delimiter: undefined, encoding: "" }, true, null)).toEqual({
      kind: "products",
      file,
      dry_run: true,
    }));
  it("is no mapping where the saved one holds, so that the server uses it", () =>
    expect(formOf("stock-levels", file, { decimal_mark: "." }, true, saved).mapping).toBeUndefined());
  it("is an empty mapping where the saved one is left aside", () =>
    expect(formOf("stock-levels", file, { ignoreSaved: true }, true, saved)).toEqual({
      kind: "stock-levels",
      file,
      dry_run: true,
      mapping: "{}",
    }));
  it("has with a changed mapping all that was saved beside it, unless it says otherwise", () => {
    const form = formOf("stock-levels", file, { mapping: { item_id: "Nr" }, decimal_mark: "." }, false, saved);
    expect(form).toMatchObject({ delimiter: ";", header_row: 3, decimal_mark: ".", default_location_id: "SHOP" });
    expect(JSON.parse(form.mapping ?? "")).toEqual({ item_id: "Nr", exclude });
  });
  it("has nothing of a saved mapping that is left aside", () => {
    const form = formOf("stock-levels", file, { mapping: { item_id: "Nr" }, ignoreSaved: true }, false, saved);
    expect(form.delimiter).toBeUndefined();
    expect(JSON.parse(form.mapping ?? "")).toEqual({ item_id: "Nr" });
  });
});

describe("what is saved for the next file", () => {
  it("is what was read and said, with the records that are left out", () =>
    expect(
      mappingBody(
        { item_id: "Nr" },
        { decimal_mark: ".", encoding: undefined },
        exclusionsSent(JSON.stringify({ exclude })),
      ),
    ).toEqual({
      mapping: { item_id: "Nr", exclude: [{ reason: "postage", where: { item_id: { matches: "^POST$" } } }] },
      decimal_mark: ".",
    }));
  it("leaves nothing out where no mapping was sent", () =>
    expect(mappingBody({ item_id: "Nr" }, {}, exclusionsSent(null))).toEqual({ mapping: { item_id: "Nr" } }));
});

describe("the choice of a field", () => {
  const translated = { column: "Land", values: { EIRE: "DUBLIN" }, default: "LONDON" };
  it.each([
    [undefined, ""],
    [{ constant: "" }, ""],
    ["Menge", "column:Menge"],
    [translated, "column:Land"],
    [{ constant: "SHOP" }, "constant"],
  ])("of %j is %s", (binding, choice) => expect(choiceOf(binding)).toBe(choice));
  it("keeps a translation for its own column alone", () => {
    expect(rebound({ location_id: translated }, "location_id", "column:Land")).toEqual({ location_id: translated });
    expect(rebound({ location_id: translated }, "location_id", "column:Ort")).toEqual({ location_id: "Ort" });
  });
  it("of nothing is said, or the column of that name would be read", () =>
    expect(rebound({ sku: "EAN" }, "sku", "")).toEqual({ sku: { constant: "" } }));
  it("is said in words where values are translated", () => {
    expect(translation(translated)).toBe("1 value translated, all others: LONDON");
    expect(translation({ column: "Ort", default: "SHOP" })).toBe("empty cells: SHOP");
    expect(translation("Ort")).toBeNull();
  });
});

describe("a refusal for missing columns", () => {
  const detail =
    "the file has no column 'location_id', 'current_stock'; it has 'Référence article', \"Prix d'achat\", 'a\\\\b'; " +
    'suggested mapping: {"item_id": "Référence article", "x": {"column": "a", "values": {"}": "1"}}}. Change it at /etl';
  it("names the columns that there are", () =>
    expect(columnsOfRefusal(detail)).toEqual(["Référence article", "Prix d'achat", "a\\b"]));
  it("suggests a mapping", () =>
    expect(suggestionOfRefusal(detail)).toEqual({
      item_id: "Référence article",
      x: { column: "a", values: { "}": "1" } },
    }));
  it("that says neither is no more than a sentence", () => {
    expect(columnsOfRefusal("the file is empty")).toEqual([]);
    expect(suggestionOfRefusal("the file is empty")).toEqual({});
  });
});
