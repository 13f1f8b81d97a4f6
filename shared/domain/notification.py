"""What a client's own systems are told of: events, the webhook that takes them, and each delivery with its attempts."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from shared.domain.errors import Conflict, NotFound

LEASE = dt.timedelta(seconds=60)  # an attempt that was not heard of since was killed; one takes 10 s at most
GIVEN_UP_AFTER = dt.timedelta(days=1)
_FIRST_PAUSE, _LONGEST_PAUSE = dt.timedelta(seconds=10), dt.timedelta(hours=3)
_PAUSE_GROWTH = 3
_PARTIAL_PERCENT = 5
# Rejected every night while nothing is wrong: what is kept here, and what the source says twice.
_HARMLESS_CHECKS = frozenset({"app_managed", "duplicate"})


class NotificationNotFound(NotFound):
    """There is no such notification."""

    code = "notification_not_found"

    def __init__(self, notification_id: str) -> None:
        super().__init__(f"no notification {notification_id!r}")


class NotificationBeingSent(Conflict):
    """The notification is being sent at this moment."""

    code = "notification_being_sent"


class NotificationEvent(StrEnum):
    """What is told; the values are those of the API."""

    RUN_FAILED = "run.failed"
    RUN_PARTIAL = "run.partial"
    RUN_RECOVERED = "run.recovered"
    VALIDATION_SUSPICIOUS = "validation.suspicious"
    ORDER_CREATED = "order.created"
    ORDER_STATUS_CHANGED = "order.status_changed"


class NotificationStatus(StrEnum):
    """pending until an attempt succeeds, or the last one has failed."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class DeliveryAttempt:
    """One call of the webhook; `status_code` is None where it gave no answer, and `error` says why it failed."""

    at: dt.datetime
    duration_ms: int
    status_code: int | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        return self.error is None


@dataclass(frozen=True)
class Notification:
    """An event on its way to the client's webhook. `id` is its webhook-id, the same in every attempt.

    `round` counts how often it was asked for; within a round it is tried for a day.
    """

    id: str
    event: NotificationEvent
    created_at: dt.datetime
    data: Mapping[str, Any]
    status: NotificationStatus = NotificationStatus.PENDING
    attempts: tuple[DeliveryAttempt, ...] = field(default=())
    asked_at: dt.datetime | None = None
    round: int = 0
    lease_until: dt.datetime | None = None

    @property
    def payload(self) -> dict[str, Any]:
        """The body of the webhook, by Standard Webhooks: type, timestamp, data."""
        return {"type": self.event.value, "timestamp": self.created_at.isoformat(), "data": dict(self.data)}

    @property
    def tries(self) -> int:
        """Attempts since it was asked for."""
        since = self.asked_at or self.created_at
        return sum(attempt.at >= since for attempt in self.attempts)

    def claimed(self, number: int, now: dt.datetime) -> Notification | None:
        """Taken for attempt `number`; None where that was made already. Raises NotificationBeingSent."""
        if self.status is not NotificationStatus.PENDING or number != len(self.attempts):
            return None
        if self.lease_until is not None and now < self.lease_until:
            raise NotificationBeingSent(f"notification {self.id} is being sent until {self.lease_until}")
        return replace(self, lease_until=now + LEASE)

    def tried(self, attempt: DeliveryAttempt) -> Notification:
        """After an attempt: delivered, still pending, or failed for good once a day has gone by."""
        tried = replace(self, attempts=(*self.attempts, attempt), lease_until=None)
        if attempt.succeeded:
            return replace(tried, status=NotificationStatus.DELIVERED)
        if attempt.at >= (self.asked_at or self.created_at) + GIVEN_UP_AFTER:
            return replace(tried, status=NotificationStatus.FAILED)
        return tried

    def asked_again(self, now: dt.datetime) -> Notification:
        """To be sent once more, whatever became of it."""
        if self.lease_until is not None and now < self.lease_until:
            raise NotificationBeingSent(f"notification {self.id} is being sent until {self.lease_until}")
        return replace(self, status=NotificationStatus.PENDING, asked_at=now, round=self.round + 1, lease_until=None)

    def next_attempt_at(self) -> dt.datetime:
        """When it is tried again after so many failures of this round: after 10 s, 30 s, 90 s ... 3 hours."""
        pause = min(_FIRST_PAUSE * _PAUSE_GROWTH ** min(max(self.tries - 1, 0), 10), _LONGEST_PAUSE)
        return self.attempts[-1].at + pause


def notification_id(*parts: str) -> str:
    """The id of what is told once: the same parts, the same notification."""
    return f"msg_{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"


def is_partial(read: int, rejected_by_check: Mapping[str, int]) -> bool:
    """Whether a run took too little of its source to call it whole: more than 5 % of the records were rejected, not
    counting duplicates and what is maintained here."""
    rejected = sum(count for check, count in rejected_by_check.items() if check not in _HARMLESS_CHECKS)
    return rejected * 100 > read * _PARTIAL_PERCENT
