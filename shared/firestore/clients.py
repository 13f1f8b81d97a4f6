"""The `clients` collection: who the tenants are. Not tenant-scoped; callers hand in ids from a verified token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.access.client import CLOSING, Client, ClientNotFound
from shared.firestore.codec import Codec, date, text
from shared.firestore.ended_access import EndedAccessStore
from shared.firestore.page import Page, PageRequest
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud import firestore

_CLOSING = ("closed_by", "closed_at", "deletes_at")
_TEXTS = ("address", "contact_name", "contact_email", "contact_phone", "locale")


class Clients:
    """Every client."""

    def __init__(self, database: firestore.Client) -> None:
        self._documents = Documents(database, database.collection("clients"), _CODEC)

    def get(self, client_id: str) -> Client:
        """The client; raises NotFound."""
        return self.versioned(client_id).value

    def versioned(self, client_id: str, transaction: Transaction | None = None) -> Versioned[Client]:
        """The client with its document's times; raises NotFound."""
        stored = self.find(client_id, transaction)
        if stored is None:
            raise ClientNotFound(client_id)
        return stored

    def find(self, client_id: str, transaction: Transaction | None = None) -> Versioned[Client] | None:
        return self._documents.find(client_id, transaction)

    def page(self, page: PageRequest) -> Page[Versioned[Client]]:
        """A page of the clients, in the order of their ids."""
        query = self._documents.collection.order_by("client_id")
        return self._documents.page_of_versions(
            query, page, lambda place: {"client_id": place}, lambda client: client.client_id
        )

    def active(self) -> list[Client]:
        """Every client whose daily run is on, in the order of their ids."""
        return self._of_status("active")

    def closing(self) -> list[Client]:
        """Every client that is to be deleted, or is being deleted, in the order of their ids."""
        return self._of_status(CLOSING)

    def delete(self, transaction: Transaction, client_id: str) -> None:
        """Delete the client's own document; what lies below it is deleted before."""
        self._documents.delete(transaction, client_id)

    def create(self, transaction: Transaction, client: Client) -> Versioned[Client]:
        if not client.active:
            self._ended(client).suspend(transaction, True)
        return self._documents.create(transaction, client)

    def replace(self, transaction: Transaction, before: Client, after: Client) -> Versioned[Client]:
        """Change a client. Suspended, its tokens and keys open nothing from the next request on."""
        if after.active != before.active:
            self._ended(after).suspend(transaction, not after.active)
        return self._documents.put(transaction, after)

    def put(self, client: Client) -> None:
        """Write a client outside a transaction: for the demo and tests."""
        self._documents.put_now(client)

    def _of_status(self, status: str) -> list[Client]:
        query = self._documents.collection.where(filter=FieldFilter("status", "==", status))
        return sorted(self._documents.found_by(query), key=lambda client: client.client_id)

    def _ended(self, client: Client) -> EndedAccessStore:
        return EndedAccessStore(Tenant(self._documents.database, client.client_id))


def _encode(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "timezone": client.timezone,
        "currency": client.currency,
        "status": client.status,
        "business_date": text(client.business_date),
        **{name: getattr(client, name) for name in _CLOSING},
        **{name: getattr(client, name) for name in _TEXTS},
    }


def _decode(fields: Any) -> Client:
    return Client(
        client_id=fields["client_id"],
        name=fields["name"],
        timezone=fields["timezone"],
        currency=fields["currency"],
        status=fields["status"],
        business_date=date(fields.get("business_date") or None),
        **{name: fields.get(name) for name in (*_TEXTS, *_CLOSING)},
    )


_CODEC = Codec[Client](lambda client: client.client_id, _encode, _decode)
