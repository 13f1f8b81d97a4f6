"""The deletion of a client: what remains of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.domain.access.client import Client

# A worker that was killed is followed by another after this; one call of it takes less.
LEASE = dt.timedelta(minutes=30)


@dataclass(frozen=True)
class ClientDeletion:
    """That a client was deleted: who asked for it and when, what there was, and when it was gone. Nothing of the data.

    `counts` are those of the documents, rows and objects that there were when the deletion began, by where they lay.
    """

    client_id: str
    requested_by: str
    requested_at: dt.datetime
    begun_at: dt.datetime
    held_until: dt.datetime | None
    counts: Mapping[str, int] | None = None
    finished_at: dt.datetime | None = None
    attempts: int = 1

    @property
    def id(self) -> str:
        """Of this deletion: a client of the same id may be made, and deleted, again."""
        return deletion_id(self.client_id, self.requested_at)

    def is_held(self, now: dt.datetime) -> bool:
        """Whether a worker is at it."""
        return self.held_until is not None and now < self.held_until

    def taken(self, now: dt.datetime) -> ClientDeletion:
        return replace(self, held_until=now + LEASE, attempts=self.attempts + 1)

    def finished(self, now: dt.datetime) -> ClientDeletion:
        return replace(self, held_until=None, finished_at=now)


def begun(client: Client, now: dt.datetime) -> ClientDeletion:
    """The deletion of a client that is due."""
    requested_at = client.closed_at or now
    return ClientDeletion(client.client_id, client.closed_by or "", requested_at, now, now + LEASE)


def deletion_id(client_id: str, requested_at: dt.datetime) -> str:
    return f"{client_id}-{requested_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
