"""A tenant's part of Firestore: every repository is made from one and can reach nothing outside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from shared.firestore.transaction import Transaction, transact

if TYPE_CHECKING:
    from google.cloud.firestore import Client, CollectionReference, DocumentReference

T = TypeVar("T")
_MAX_KEY_BYTES = 1400  # Firestore takes 1,500


def document_key(identifier: str) -> str:
    """A document id for any text: what Firestore refuses in an id is escaped, a too long one ends in its hash.

    Different identifiers have different keys: `%` is escaped itself, only the hash is marked by `%~`, and a sole `%` is
    the empty one.
    """
    if not identifier:
        return "%"
    key = identifier.replace("%", "%25").replace("/", "%2F")
    if key in (".", ".."):
        key = key.replace(".", "%2E")
    if key.startswith("__"):
        key = "%5F%5F" + key[2:]
    if len(key.encode()) > _MAX_KEY_BYTES:
        from hashlib import sha256

        key = f"{key[:100]}%~{sha256(identifier.encode()).hexdigest()}"
    return key


@dataclass(frozen=True)
class Tenant:
    """`clients/{client_id}` and all below it. `client_id` comes from a verified token or the job's own list."""

    database: Client
    client_id: str

    @property
    def document(self) -> DocumentReference:
        return self.database.collection("clients").document(document_key(self.client_id))

    def collection(self, name: str) -> CollectionReference:
        return self.document.collection(name)

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction (transaction.py): its writes happen all or not at all."""
        return transact(self.database, work, queue=self.client_id)
