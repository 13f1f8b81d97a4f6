/** What the form of a location holds, and what it sends. */
import type { LocationBody, LocationType, LocationView, NewLocation } from "stockcast-client";
import { textOrNull } from "../../ui/changes";

export interface LocationForm {
  location_id: string;
  name: string;
  type: LocationType;
  address: string;
  city: string;
  country: string;
  is_default: boolean;
}

export const NAMES: Record<keyof LocationForm, string> = {
  location_id: "Id",
  name: "Name",
  type: "Type",
  address: "Address",
  city: "City",
  country: "Country",
  is_default: "Default",
};

export const TYPES: Record<LocationType, string> = { warehouse: "Warehouse", store: "Store" };

export const locationForm = (location?: LocationView): LocationForm => ({
  location_id: location?.location_id ?? "",
  name: location?.name ?? "",
  type: location?.type ?? "warehouse",
  address: location?.address ?? "",
  city: location?.city ?? "",
  country: location?.country ?? "",
  is_default: location?.is_default ?? false,
});

export const locationBody = (form: LocationForm): LocationBody => ({
  name: form.name.trim(),
  type: form.type,
  address: textOrNull(form.address),
  city: textOrNull(form.city),
  country: textOrNull(form.country),
  is_default: form.is_default,
});

export const newLocation = (form: LocationForm): NewLocation => ({
  ...locationBody(form),
  location_id: form.location_id.trim(),
});
