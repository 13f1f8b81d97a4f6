"""Deliveries of notifications: list them, have one sent again."""

from __future__ import annotations

from shared.domain.notification import Notification
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.notifications import Notifications
from shared.firestore.page import Page, PageRequest
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.request_context import RequestContext
from shared.tasks.announcing import send_at
from shared.tasks.delivery import deliver


def notifications(tenant: Tenant, page: PageRequest) -> Page[Notification]:
    """A page of the notifications, the newest first."""
    return Notifications(tenant).newest(page)


def resend(context: RequestContext, notification_id: str) -> Notification:
    """Have the notification sent once more, under the same webhook-id; raises NotificationNotFound and
    NotificationBeingSent."""
    tenant, documents = context.tenant, Notifications(context.tenant)

    def write(transaction: Transaction) -> tuple[Notification, OutboxEntry]:
        again = documents.get(notification_id, transaction).value.asked_again(context.now)
        documents.put(transaction, again)
        return again, send_at(tenant, transaction, again, context.now, context.now)

    notification, entry = tenant.transact(write)
    deliver(context.config, entry)
    return notification
