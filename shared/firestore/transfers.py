"""Transfers of stock between locations: `transfers/{id}`, written with the stock that they move and never changed."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.domain.purchasing.stock_transfer import StockTransfer, TransferFilter, TransferNotFound
from shared.firestore.codec import Codec
from shared.firestore.page import Page, PageRequest
from shared.firestore.repository import Repository
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.versioned import Versioned

MAX_COMBINATIONS = 30  # of an item and a location in one query of Firestore
_FIELDS = tuple(field.name for field in fields(StockTransfer))


class Transfers(Repository[StockTransfer]):
    """The transfers of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("transfers"), _CODEC, TransferNotFound)

    def page(self, page: PageRequest, wanted: TransferFilter) -> Page[Versioned[StockTransfer]]:
        """A page of the transfers, the newest first; raises Invalid for a position that is none of them.

        Items times locations of the filter are MAX_COMBINATIONS at most.
        """
        query = self.newest_first("created_at")
        if wanted.item_ids:
            keys = [document_key(item_id) for item_id in wanted.item_ids]
            query = query.where(filter=FieldFilter("item_key", "in", keys))
        if wanted.location_ids:
            query = query.where(filter=FieldFilter("location_ids", "array_contains_any", list(wanted.location_ids)))
        if wanted.since is not None:
            query = query.where(filter=FieldFilter("created_at", ">=", wanted.since))
        if wanted.until is not None:
            query = query.where(filter=FieldFilter("created_at", "<=", wanted.until))
        return self.page_of_versions(query, page, *self.places_by("created_at"))


def _encode(transfer: StockTransfer) -> dict[str, Any]:
    """With what the filters look at: an item's id may be longer than what Firestore looks up."""
    return {
        **vars(transfer),
        "quantity": str(transfer.quantity),
        "item_key": document_key(transfer.item_id),
        "location_ids": [transfer.from_location_id, transfer.to_location_id],
    }


def _decode(fields: Any) -> StockTransfer:
    held = {name: fields[name] for name in _FIELDS}
    return StockTransfer(**held | {"quantity": Decimal(fields["quantity"])})


_CODEC = Codec[StockTransfer](lambda transfer: transfer.id, _encode, _decode)
