"""Receipts of purchase orders: `receipts/{id}`, one document for each, written with the order and never changed.

Beside their order, because there is no end to them: an order of 500 lines that arrives a unit at a time has thousands.
The lines are one JSON text, as those of the order are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.domain.purchasing.purchase_order import Receipt, ReceiptLine
from shared.firestore.codec import Codec, json_text
from shared.firestore.page import Page, PageRequest, values_at
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction

_DESCENDING = "DESCENDING"


class Receipts:
    """The receipts of one tenant's orders."""

    def __init__(self, tenant: Tenant) -> None:
        self._documents = Documents(tenant.database, tenant.collection("receipts"), _CODEC)

    def exists(self, order_id: str, receipt_id: str, transaction: Transaction) -> bool:
        """Whether the order has this receipt, and still so when the transaction commits. One read."""
        return self._documents.exists(_key(order_id, receipt_id), transaction)

    def get_many(self, order_id: str, receipt_ids: Iterable[str]) -> list[Receipt]:
        """The order's receipts among these; one call, a read for each."""
        found = self._documents.get_many(_key(order_id, receipt_id) for receipt_id in receipt_ids)
        return [receipt for _, receipt in found.values()]

    def newest(self, order_id: str, up_to: int, size: int) -> list[Receipt]:
        """Up to `size` receipts of the order, the newest first, those numbered `up_to` or less; one read each."""
        query = self._documents.collection.where(filter=FieldFilter("order_id", "==", order_id))
        query = query.where(filter=FieldFilter("number", "<=", up_to)).order_by("number", direction=_DESCENDING)
        return [receipt for _, receipt in self._documents.found_by(query.limit(size))] if up_to > 0 else []

    def page(self, order_id: str, count: int, page: PageRequest) -> Page[Receipt]:
        """A page of the first `count` receipts of the order, the newest first; raises Invalid for another position.

        One read each, whatever the page's number: receipts are counted.
        """
        last = count - page.offset
        if page.position is not None:
            (number,) = values_at(page.position, int)
            last = min(number - 1, count)
        receipts = self.newest(order_id, last, page.size)
        following = str(receipts[-1].number) if receipts and receipts[-1].number > 1 else None
        return Page(receipts, following, count)

    def put_many(self, receipts: Iterable[tuple[str, Receipt]]) -> int:
        """Write receipts, each with the id of its order, outside a transaction; returns how many."""
        return self._documents.put_many(receipts)

    def create(self, transaction: Transaction, order_id: str, receipt: Receipt) -> None:
        """Write a receipt that the order takes in the same transaction."""
        self._documents.create(transaction, (order_id, receipt))


def _key(order_id: str, receipt_id: str) -> str:
    return f"{order_id}/{receipt_id}"


def _encode(receipt_of: tuple[str, Receipt]) -> dict[str, Any]:
    order_id, receipt = receipt_of
    lines = [[line.item_id, str(line.quantity)] for line in receipt.lines]
    return {
        "order_id": order_id,
        **vars(receipt),
        "lines": json_text(lines),
    }


def _decode(fields: Any) -> tuple[str, Receipt]:
    held = {name: fields[name] for name in Receipt.__dataclass_fields__}
    lines = tuple(ReceiptLine(item_id, Decimal(quantity)) for item_id, quantity in json.loads(fields["lines"]))
    return fields["order_id"], Receipt(**held | {"lines": lines})


_CODEC = Codec[tuple[str, Receipt]](lambda receipt_of: _key(receipt_of[0], receipt_of[1].id), _encode, _decode)
