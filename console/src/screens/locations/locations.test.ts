import type { LocationView } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { locationBody, locationForm, newLocation } from "./locationForm";

describe("the form of a location", () => {
  it("sends all fields that it has read, as they were", () => {
    const dublin = { location_id: "DUBLIN", name: "Dublin", type: "store", city: "Dublin", is_default: true };
    expect(locationBody(locationForm(dublin as LocationView))).toEqual({
      name: "Dublin",
      type: "store",
      address: null,
      city: "Dublin",
      country: null,
      is_default: true,
    });
  });
  it("names the id of a new one", () =>
    expect(newLocation({ ...locationForm(), location_id: " CORK ", name: "Cork" })).toMatchObject({
      location_id: "CORK",
      type: "warehouse",
      is_default: false,
    }));
});
