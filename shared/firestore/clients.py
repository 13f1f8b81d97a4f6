"""The `clients` collection: who the tenants are. Not tenant-scoped; callers hand in ids from a verified token."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.access.client import Client
from shared.domain.errors import NotFound
from shared.firestore.tenant import document_key

if TYPE_CHECKING:
    from google.cloud import firestore


class Clients:
    def __init__(self, database: firestore.Client) -> None:
        self._collection = database.collection("clients")

    def get(self, client_id: str) -> Client:
        """The client; raises NotFound."""
        found = self._collection.document(document_key(client_id)).get()
        if not found.exists:
            raise NotFound("client_not_found", f"no client {client_id!r}")
        return _client(found.to_dict())

    def page(self, size: int, after: str | None) -> list[Client]:
        """Up to `size` clients in the order of their ids, those behind `after`."""
        query = self._collection.order_by("client_id").limit(size)
        if after is not None:
            query = query.start_after({"client_id": after})
        return [_client(found.to_dict()) for found in query.stream()]

    def active(self) -> list[Client]:
        """Every client whose daily run is on, in the order of their ids."""
        found = [
            _client(one.to_dict())
            for one in self._collection.where(filter=FieldFilter("status", "==", "active")).stream()
        ]
        return sorted(found, key=lambda client: client.client_id)

    def put(self, client: Client) -> None:
        self._collection.document(document_key(client.client_id)).set(
            {
                "client_id": client.client_id,
                "name": client.name,
                "timezone": client.timezone,
                "currency": client.currency,
                "status": client.status,
                "business_date": client.business_date.isoformat() if client.business_date else None,
            }
        )


def _client(fields: Any) -> Client:
    date = fields.get("business_date")
    return Client(
        client_id=fields["client_id"],
        name=fields["name"],
        timezone=fields["timezone"],
        currency=fields["currency"],
        status=fields["status"],
        business_date=dt.date.fromisoformat(date) if date else None,
    )
