import { readFileSync } from "node:fs";
import type { SettingsView } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { CLASSES, FIELDS, GROUPS, type NumberField, type Setting } from "./fields";
import { inPercent, inputBounds, ofPercent, settingsChange, settingsForm } from "./settingsForm";

interface Schema {
  anyOf?: Schema[];
  enum?: string[];
  type?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  properties?: Record<string, Schema>;
  propertyNames?: Schema;
}

const document = JSON.parse(readFileSync(new URL("../../../../docs/openapi.json", import.meta.url), "utf8"));
const { properties = {} }: Schema = document.components.schemas.SettingsChange;
const ELSEWHERE = ["recommendation_rules", "notifications", "service_level_by_class"];
const SETTINGS = Object.keys(FIELDS) as Setting[];

describe("the settings of the form are those of the document", () => {
  it("all of them, each in one group", () => {
    expect([...SETTINGS, ...ELSEWHERE].sort()).toEqual(Object.keys(properties).sort());
    expect(GROUPS.flatMap(({ settings }) => settings).sort()).toEqual([...SETTINGS].sort());
    expect(properties.service_level_by_class?.propertyNames?.enum).toEqual([...CLASSES]);
  });

  it.each(SETTINGS)("%s with its bounds and values", (setting) => {
    const schema = properties[setting] ?? {};
    const nullable = schema.anyOf?.some(({ type }) => type === "null") ?? false;
    const plain = schema.anyOf?.find(({ type }) => type !== "null") ?? schema;
    const field = FIELDS[setting];
    if (field.kind === "flag") expect(plain.type).toBe("boolean");
    else if (field.kind === "choice") {
      expect(
        field.options
          .map(([value]) => value)
          .filter(Boolean)
          .sort(),
      ).toEqual([...(plain.enum ?? [])].sort());
      expect(field.options.some(([value]) => value === "")).toBe(nullable);
    } else {
      const { min, max, above, below, empty } = field;
      expect({ min, max, above, below }).toEqual({
        min: plain.minimum,
        max: plain.maximum,
        above: plain.exclusiveMinimum,
        below: plain.exclusiveMaximum,
      });
      expect(empty !== undefined).toBe(nullable);
      expect(plain.type).toBe(field.kind === "days" ? "integer" : "number");
    }
  });
});

describe("the form of settings", () => {
  const view = {
    service_level: 0.95,
    shortage_cost_rate: null,
    review_period_days: 7,
    receive_updates_stock: true,
    forecast_engine: null,
    service_level_by_class: { AX: 0.985 },
  } as unknown as SettingsView;

  it("shows shares in percent", () =>
    expect(settingsForm(view)).toMatchObject({
      service_level: "95",
      shortage_cost_rate: "",
      review_period_days: "7",
      receive_updates_stock: true,
      service_level_by_class: { AX: "98.5", CZ: "" },
    }));
  it("sends what was changed alone, in the API's terms", () =>
    expect(
      settingsChange({
        service_level: "97.5",
        shortage_cost_rate: "",
        forecast_engine: "",
        receive_updates_stock: false,
        dead_stock_days: "60",
        service_level_by_class: { AX: "", BY: "90" },
      }),
    ).toEqual({
      service_level: 0.975,
      shortage_cost_rate: null,
      forecast_engine: null,
      receive_updates_stock: false,
      dead_stock_days: 60,
      service_level_by_class: { BY: 0.9 },
    }));
  it.each([0.95, 0.07, 0.29, 1 / 3, 0.0001])("keeps %s through percent", (share) =>
    expect(ofPercent(inPercent(share))).toBeCloseTo(share, 9),
  );
  it("lets in what the API takes", () => {
    expect(inputBounds(FIELDS.service_level as NumberField)).toMatchObject({ min: 0.0001, max: 99.9999 });
    expect(inputBounds(FIELDS.understocked_threshold as NumberField)).toMatchObject({ min: 1, max: 3650, step: 1 });
    expect(inputBounds(FIELDS.holding_cost as NumberField)).toMatchObject({ min: 0.0001, required: false });
  });
});
