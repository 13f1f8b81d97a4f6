import type { NotificationEvent, NotificationTargets, NotificationTargetsInput } from "stockcast-client";
import { textOrNull } from "../../ui/changes";

export const EVENTS: Record<NotificationEvent, string> = {
  "run.failed": "An import, sync, forecast or daily run has failed",
  "run.partial": "A run has left out many records, or some of its sources",
  "run.recovered": "It works again",
  "validation.suspicious": "The day's data look wrong",
  "order.created": "An order was placed",
  "order.status_changed": "An order has come to another status",
};

export interface NotificationsForm {
  webhook_url: string;
  secret: string;
  events: NotificationEvent[];
}

export const notificationsForm = ({ webhook_url, secret, events }: NotificationTargets): NotificationsForm => ({
  webhook_url: webhook_url ?? "",
  secret: secret ?? "",
  events,
});

/** All of them: what is left out takes its default. Events in the order of the list. */
export const notificationsBody = ({ webhook_url, secret, events }: NotificationsForm): NotificationTargetsInput => ({
  webhook_url: textOrNull(webhook_url),
  secret: textOrNull(secret),
  events: (Object.keys(EVENTS) as NotificationEvent[]).filter((event) => events.includes(event)),
});
