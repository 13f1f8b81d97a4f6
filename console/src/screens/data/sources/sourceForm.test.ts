import type { SourceView } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { bodyOf, jsonFault, NEW_SOURCE, placeOf, valuesOf } from "./sourceForm";

const view = {
  kind: "sql",
  source_id: "erp",
  url: "postgresql+psycopg://reader@db/erp",
  secret: null,
  schedule: "daily",
  timeout_seconds: 600,
  entities: {
    products: {
      table: "items",
      query: null,
      key: null,
      aggregate: null,
      time_zone: null,
      overlap_days: 7,
      mapping: { item_id: "code", location_id: { column: null, constant: "SHOP", values: null, default: null } },
      last_run: { run_id: "r", status: "succeeded", counts: null, created_at: "", finished_at: null },
      watermark: "2026-01-01",
    },
  },
} as unknown as SourceView;

describe("a source", () => {
  it("is sent as it was read, without how far it has come", () =>
    expect(bodyOf(valuesOf(view))).toEqual({
      kind: "sql",
      url: "postgresql+psycopg://reader@db/erp",
      secret: null,
      schedule: "daily",
      timeout_seconds: 600,
      entities: { products: { table: "items", mapping: { item_id: "code", location_id: { constant: "SHOP" } } } },
    }));
  it("of BigQuery says nothing of a URL", () =>
    expect(bodyOf({ ...NEW_SOURCE, kind: "bigquery", project: " p ", dataset: "d", entities: "{}" })).toEqual({
      kind: "bigquery",
      project: "p",
      dataset: "d",
      location: null,
      schedule: "daily",
      entities: {},
    }));
});

describe("what is read", () => {
  it("is JSON", () => {
    expect(jsonFault("{}")).toBeNull();
    expect(jsonFault("[]")).toMatch(/object/);
    expect(jsonFault("{")).toMatch(/no JSON/);
  });
  it("is said where it is wrong", () =>
    expect(placeOf("entities/products/mapping/item_id")).toBe("products › mapping › item_id"));
});
