"""The outbox: a task is written in the same transaction as its cause, and delivered afterwards (delivery.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction

if TYPE_CHECKING:
    from google.cloud import firestore


@dataclass(frozen=True)
class OutboxEntry:
    """A task to be created: POST `body` to `path` of `function`."""

    id: str
    client_id: str
    function: str
    path: str
    body: Mapping[str, Any]
    created_at: dt.datetime


def add_to_outbox(transaction: Transaction, tenant: Tenant, entry: OutboxEntry) -> None:
    """Write the entry as part of the caller's transaction."""
    transaction.create(outbox_reference(tenant, entry.id), asdict(entry))


def outbox_reference(tenant: Tenant, entry_id: str) -> firestore.DocumentReference:
    """The document of an entry."""
    return tenant.collection("outbox").document(document_key(entry_id))
