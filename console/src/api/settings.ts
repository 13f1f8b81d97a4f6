import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  getSettings,
  listNotifications,
  patchSettings,
  resendNotification,
  type SettingsChange,
} from "stockcast-client";
import { call, queries, versioned } from "./client";

/** The client's settings, and the version with which they are edited. */
export const settings = () =>
  queryOptions({
    queryKey: ["settings"],
    queryFn: ({ signal }) => versioned(getSettings({ signal })),
  });

/** As they are now, whatever was read before; what a form shows meanwhile stays as it is. */
export const settingsNow = () => queries.fetchQuery({ ...settings(), staleTime: 0, queryKey: ["settings", "again"] });

/** Set what is named; the answer says which refresh follows. */
export const changeSettings = (body: SettingsChange, headers: { "If-Match"?: string }) =>
  call(patchSettings({ body, headers }));

/** What the client's own systems were told. */
export const deliveries = (page: number) =>
  queryOptions({
    queryKey: ["notifications", page],
    queryFn: ({ signal }) => call(listNotifications({ query: { page, page_size: 20 }, signal })),
    placeholderData: keepPreviousData,
  });

export const resend = (notificationId: string, headers: { "Idempotency-Key": string }) =>
  call(resendNotification({ path: { notification_id: notificationId }, headers }));
