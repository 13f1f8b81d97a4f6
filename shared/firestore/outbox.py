"""The outbox, `outbox/{id}`: a task is written in the transaction of its cause, and delivered afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.codec import Codec, held
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.telemetry.trace import current_traceparent

if TYPE_CHECKING:
    from google.cloud.firestore import Client


class Outbox:
    """The entries of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._documents = Documents(tenant.database, tenant.collection("outbox"), _CODEC)

    def add(self, transaction: Transaction, entry: OutboxEntry) -> None:
        """Write the entry as part of the caller's transaction."""
        self._documents.create(transaction, entry)

    def add_once(self, transaction: Transaction, entry: OutboxEntry) -> None:
        """Write the entry unless there is one of its id already. One read."""
        if not self._documents.exists(entry.id, transaction):
            self.add(transaction, entry)

    def put(self, transaction: Transaction, entry: OutboxEntry) -> None:
        """Write the entry as part of the caller's transaction, over the same one where that still waits."""
        self._documents.put(transaction, entry)

    def delivered(self, entry_id: str) -> None:
        """Remove an entry that the queue has taken."""
        self._documents.reference(entry_id).delete()


def waiting_entries(database: Client, created_before: dt.datetime, limit: int) -> list[OutboxEntry]:
    """Entries of every tenant that are older than that and still there; one read when none."""
    query = database.collection_group("outbox").where(filter=FieldFilter("created_at", "<", created_before))
    return [_decode(snapshot.to_dict()) for snapshot in query.limit(limit).stream()]


def _decode(fields: Any) -> OutboxEntry:
    return OutboxEntry(**held(fields, OutboxEntry))


def _encode(entry: OutboxEntry) -> dict[str, Any]:
    return {**asdict(entry), "traceparent": entry.traceparent or current_traceparent()}


_CODEC = Codec[OutboxEntry](lambda entry: entry.id, _encode, _decode)
