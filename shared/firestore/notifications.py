"""Notifications of a client: `notifications/{id}`, times as timestamps, and `failed_runs/{kind}`, which says
whether the last run of a kind has failed."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import Any

from shared.domain.notification import (
    DeliveryAttempt,
    Notification,
    NotificationEvent,
    NotificationNotFound,
    NotificationStatus,
)
from shared.domain.retention import NOTIFICATIONS
from shared.firestore.codec import Codec, held, json_text
from shared.firestore.page import Page, PageRequest
from shared.firestore.repository import Repository
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction


class Notifications(Repository[Notification]):
    """The notifications of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("notifications"), _CODEC, NotificationNotFound)

    def newest(self, page: PageRequest) -> Page[Notification]:
        """A page of the notifications, the newest first; raises Invalid for a position that is none of them."""
        return self.page_of(self.newest_first("created_at"), page, *self.places_by("created_at"))


class FailedRuns:
    """Which kinds of runs have failed the last time: their recovery is told once."""

    def __init__(self, tenant: Tenant) -> None:
        self._collection = tenant.collection("failed_runs")

    def note(self, transaction: Transaction, kind: str, operation_id: str, at: dt.datetime) -> None:
        """The last run of this kind has failed."""
        reference = self._collection.document(document_key(kind))
        transaction.set(reference, {"kind": kind, "operation_id": operation_id, "at": at})

    def failed(self, transaction: Transaction, kind: str) -> str | None:
        """The run of this kind that failed last, where none has succeeded since; one read."""
        fields = transaction.get(self._collection.document(document_key(kind))).to_dict()
        return None if fields is None else str(fields["operation_id"])

    def clear(self, transaction: Transaction, kind: str) -> None:
        """A run of this kind has succeeded."""
        transaction.delete(self._collection.document(document_key(kind)))


def _encode(notification: Notification) -> dict[str, Any]:
    return asdict(notification) | {
        "event": notification.event.value,
        "expires_at": notification.created_at + NOTIFICATIONS,
        "status": notification.status.value,
        "data": json_text(notification.data),
        "attempts": [asdict(attempt) for attempt in notification.attempts],
    }


def _decode(fields: Any) -> Notification:
    typed = {
        "event": NotificationEvent(fields["event"]),
        "status": NotificationStatus(fields["status"]),
        "data": json.loads(fields["data"]),
        "attempts": tuple(DeliveryAttempt(**held(attempt, DeliveryAttempt)) for attempt in fields["attempts"]),
    }
    return Notification(**{**held(fields, Notification), **typed})


_CODEC = Codec[Notification](lambda notification: notification.id, _encode, _decode)
