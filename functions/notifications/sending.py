"""One attempt to tell a client's webhook, as Cloud Tasks asks for it: claimed, made, and kept.

A task that comes twice finds its attempt claimed or made. One that is killed after the call makes it once more, under
the same webhook-id, by which the receiver knows it.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from contextlib import suppress

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from shared.config import Config
from shared.domain.errors import StockcastError
from shared.domain.notification import DeliveryAttempt, Notification, NotificationStatus
from shared.domain.outbox_entry import OutboxEntry
from shared.domain.settings import NotificationTargets
from shared.firestore.notifications import Notifications
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.outbound.post import post
from shared.secrets import SecretNotFound, secret_value
from shared.tasks.announcing import send_at
from shared.tasks.delivery import deliver
from shared.telemetry.logs import log

_TIMEOUT_S = 10.0
_TAKEN = range(200, 300)

Clock = Callable[[], dt.datetime]


def send(config: Config, tenant: Tenant, notification_id: str, number: int, clock: Clock) -> NotificationStatus:
    """Make attempt `number`, unless that was made; a failed one is followed by another one, for a day.

    Raises NotificationNotFound, and NotificationBeingSent while the attempt is made elsewhere.
    """
    documents = Notifications(tenant)

    def claim(transaction: Transaction) -> tuple[Notification, bool]:
        stored = documents.get(notification_id, transaction).value
        claimed = stored.claimed(number, clock())
        if claimed is None:
            return stored, False
        documents.put(transaction, claimed)
        return claimed, True

    notification, is_ours = tenant.transact(claim)
    if not is_ours:
        return notification.status
    targets = SettingsStore(tenant).get().value.notifications
    attempt = _attempt(config, tenant.client_id, targets, notification, clock)

    def keep(transaction: Transaction) -> tuple[Notification, OutboxEntry | None]:
        stored = documents.get(notification_id, transaction).value
        if len(stored.attempts) != number:
            return stored, None
        tried = stored.tried(attempt)
        documents.put(transaction, tried)
        if tried.status is not NotificationStatus.PENDING:
            return tried, None
        return tried, send_at(tenant, transaction, tried, attempt.at, tried.next_attempt_at())

    kept, entry = tenant.transact(keep)
    deliver(config, entry)
    if kept.status is NotificationStatus.FAILED:
        log("WARNING", "notification failed", client_id=tenant.client_id, notification=notification_id)
    return kept.status


def signatures(config: Config, client_id: str, secret: str, message: tuple[str, dt.datetime, str]) -> str:
    """The signatures of (webhook-id, time, body), space-separated: two while there is a secret `NAME-previous`."""
    secrets = [secret_value(config, client_id, secret)]
    with suppress(SecretNotFound):
        secrets.append(secret_value(config, client_id, f"{secret}-previous"))
    identifier, at, body = message
    return " ".join(Webhook(value).sign(identifier, at, body) for value in secrets)


def _attempt(
    config: Config, client_id: str, targets: NotificationTargets, notification: Notification, clock: Clock
) -> DeliveryAttempt:
    at, started = clock().astimezone(dt.UTC), time.monotonic()  # the library takes any time for one in UTC
    body = json.dumps(notification.payload, separators=(",", ":"), sort_keys=True)
    status_code = error = None
    try:
        if targets.webhook_url is None or targets.secret is None:
            return DeliveryAttempt(at, 0, error="no webhook is set")
        headers = {
            "Content-Type": "application/json",
            "webhook-id": notification.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signatures(config, client_id, targets.secret, (notification.id, at, body)),
        }
        status_code = post(config, str(targets.webhook_url), body.encode(), headers, _TIMEOUT_S).status
        error = None if status_code in _TAKEN else f"the webhook answered {status_code}"
    except StockcastError as refused:
        error = refused.detail
    except (ValueError, EmptyWebhookSecretError):
        error = f"secret {targets.secret!r} is no base64, which Standard Webhooks asks for"
    return DeliveryAttempt(at, round((time.monotonic() - started) * 1000), status_code, error)
