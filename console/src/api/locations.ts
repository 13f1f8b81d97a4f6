import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  createLocation,
  deleteLocation,
  getLocation,
  type LocationBody,
  listLocations,
  type NewLocation,
  putLocation,
} from "stockcast-client";
import { call, ifMatch, versioned } from "./client";

/** Every place where stock is kept. */
export const locations = () =>
  queryOptions({
    queryKey: ["locations", "all"],
    queryFn: ({ signal }) => call(listLocations({ query: { page_size: 200 }, signal })),
    staleTime: 5 * 60_000,
  });

export const locationList = (query: { search?: string; page?: number }) =>
  queryOptions({
    queryKey: ["locations", "list", query],
    queryFn: ({ signal }) => call(listLocations({ query, signal })),
    placeholderData: keepPreviousData,
  });

/** A location, and the version with which it is edited. */
export const location = (locationId: string) =>
  queryOptions({
    queryKey: ["locations", "one", locationId],
    queryFn: ({ signal }) => versioned(getLocation({ path: { location_id: locationId }, signal })),
    staleTime: 0,
  });

export const addLocation = (body: NewLocation, headers: { "Idempotency-Key": string }) =>
  call(createLocation({ body, headers }));

export const saveLocation = (locationId: string, body: LocationBody, headers: { "If-Match"?: string }) =>
  call(putLocation({ path: { location_id: locationId }, body, headers }));

export const removeLocation = (locationId: string, etag: string | null) =>
  call(deleteLocation({ path: { location_id: locationId }, headers: ifMatch(etag) }));
