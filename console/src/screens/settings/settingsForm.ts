/** Settings as a form holds them, shares in percent, and the change that it sends. */
import type { SettingsChange, SettingsView } from "stockcast-client";
import { CLASSES, FIELDS, type Field, type NumberField, type Setting } from "./fields";

export type SettingsForm = Record<Setting, string | boolean> & { service_level_by_class: Record<string, string> };

const SETTINGS = Object.keys(FIELDS) as Setting[];
/** More digits than anybody enters, fewer than a binary fraction has. */
const DIGITS = 8;

export const inPercent = (share: number): string => String(Number((share * 100).toFixed(DIGITS)));
export const ofPercent = (text: string): number => Number((Number(text) / 100).toFixed(DIGITS + 2));

export function settingsForm(view: SettingsView): SettingsForm {
  const texts = SETTINGS.map((setting) => [setting, shown(FIELDS[setting], view[setting])]);
  const levels = CLASSES.map((name) => [name, shownShare(view.service_level_by_class[name])]);
  return { ...Object.fromEntries(texts), service_level_by_class: Object.fromEntries(levels) } as SettingsForm;
}

const shownShare = (share: number | undefined): string => (share === undefined ? "" : inPercent(share));

function shown(field: Field, value: SettingsView[Setting]): string | boolean {
  if (typeof value === "boolean") return value;
  if (value === null) return "";
  return field.kind === "share" ? inPercent(Number(value)) : String(value);
}

/** What was changed, as the API takes it. */
export function settingsChange(changes: Partial<SettingsForm>): SettingsChange {
  const { service_level_by_class: levels, ...rest } = changes;
  const sent = Object.entries(rest).map(([setting, value]) => [setting, meant(FIELDS[setting as Setting], value)]);
  const byClass = levels && {
    service_level_by_class: Object.fromEntries(
      Object.entries(levels)
        .filter(([, text]) => text.trim() !== "")
        .map(([name, text]) => [name, ofPercent(text)]),
    ),
  };
  return { ...Object.fromEntries(sent), ...byClass };
}

function meant(field: Field, value: string | boolean | undefined): string | number | boolean | null {
  if (typeof value === "boolean") return value;
  const text = value?.trim() ?? "";
  if (text === "") return null;
  if (field.kind === "share") return ofPercent(text);
  return field.kind === "choice" ? text : Number(text);
}

/** A percentage is at most this fine: so an open end is the last step before it. */
const STEP = 0.0001;

/** What the browser lets in, in the unit that the form shows. */
export function inputBounds(field: NumberField): {
  min: number;
  max?: number;
  step: number | "any";
  required: boolean;
} {
  const scale = field.kind === "share" ? 100 : 1;
  const step = field.kind === "days" ? 1 : STEP;
  const low = field.min !== undefined ? field.min * scale : (field.above ?? 0) * scale + step;
  const high =
    field.max !== undefined ? field.max * scale : field.below !== undefined ? field.below * scale - step : undefined;
  return { min: low, max: high, step: field.kind === "days" ? 1 : "any", required: field.empty === undefined };
}
