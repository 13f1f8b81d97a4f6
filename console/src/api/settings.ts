import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  getSettings,
  listNotifications,
  patchSettings,
  resendNotification,
  type SettingsChange,
} from "stockcast-client";
import { call, versioned } from "./client";

/** The client's settings, and the version with which they are edited. */
export const settings = () =>
  queryOptions({
    queryKey: ["settings"],
    queryFn: ({ signal }) => versioned(getSettings({ signal })),
  });

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
