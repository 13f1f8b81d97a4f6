"""The record of deleted clients: `client_deletions/{client id}-{time}`; it stays when all else of a client is gone."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from shared.domain.access.client import Client
from shared.domain.access.client_deletion import ClientDeletion, deletion_id
from shared.firestore.codec import Codec, held
from shared.firestore.repository import Documents
from shared.firestore.transaction import Transaction

if TYPE_CHECKING:
    from google.cloud.firestore import Client as Database


class ClientDeletions:
    """Every deletion that was begun."""

    def __init__(self, database: Database) -> None:
        self._documents = Documents(database, database.collection("client_deletions"), _CODEC)

    def of(self, client: Client, transaction: Transaction | None = None) -> ClientDeletion | None:
        """That of a client that is closing; None: not begun. One read."""
        if client.closed_at is None:
            return None
        stored = self._documents.find(deletion_id(client.client_id, client.closed_at), transaction)
        return None if stored is None else stored.value

    def put(self, transaction: Transaction, deletion: ClientDeletion) -> None:
        self._documents.put(transaction, deletion)

    def every(self) -> list[ClientDeletion]:
        """All of them, by client and time; one read each."""
        return self._documents.found_by(self._documents.collection.order_by("__name__"))


def _encode(deletion: ClientDeletion) -> dict[str, Any]:
    return asdict(deletion)


def _decode(fields: Any) -> ClientDeletion:
    return ClientDeletion(**held(fields, ClientDeletion))


_CODEC = Codec[ClientDeletion](lambda deletion: deletion.id, _encode, _decode)
