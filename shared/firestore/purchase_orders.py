"""Purchase orders: `purchase_orders/{id}`, lines and history inside, decimals and dates as text.

The lines are one JSON text, as a cart's are (carts.py): 500 maps take 12 ms to read and 36 ms to write.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from google.cloud.firestore import SERVER_TIMESTAMP, FieldFilter

from shared.domain.errors import NotFound
from shared.domain.folding import sorting_key
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.product import OpenOrderLine
from shared.domain.purchasing.purchase_order import (
    HistoryEntry,
    OrderLine,
    OrderSummary,
    OrderTooLarge,
    PurchaseOrder,
    PurchaseOrderNotFound,
)
from shared.firestore.codec import CHANGED_AT, Codec, date, json_text, text
from shared.firestore.page import Page, PageRequest, page_of
from shared.firestore.repository import Repository, count
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

# Firestore takes 1 MiB. The rest is room for what an order becomes: received quantities and a history.
_MAX_NEW_BYTES = 950_000
_AMOUNT_DIGITS = 27  # of 1,000 lines of a billion units at a billion each, and some
_LINE = tuple(OrderLine.__dataclass_fields__)
_DECIMALS = ("quantity", "received", "unit_cost", "packaging_qty")
_DESCENDING = "DESCENDING"
_SUMMARY = tuple(OrderSummary.__dataclass_fields__)


class PurchaseOrders:
    """The orders of one tenant, and the counters of their numbers."""

    def __init__(self, tenant: Tenant) -> None:
        self._documents = _documents(tenant)
        self._counters = tenant.collection("counters")

    def get(self, order_id: str, transaction: Transaction | None = None) -> Versioned[PurchaseOrder]:
        """The order; raises NotFound."""
        return self._documents.get(order_id, transaction)

    def get_many(self, order_ids: Iterable[str], transaction: Transaction | None = None) -> list[PurchaseOrder]:
        """The orders among these ids that exist, in the order of the ids; one call."""
        return list(self._documents.get_many(order_ids, transaction).values())

    def placed_by(self, request_id: str) -> list[Versioned[PurchaseOrder]]:
        """The orders whose ids begin with the request's and a dash, by number: those that one request placed."""
        first, behind = (self._documents.reference(f"{request_id}{end}") for end in ("-", "."))  # "." is next to "-"
        query = self._documents.collection.where(filter=FieldFilter("__name__", ">=", first))
        query = query.where(filter=FieldFilter("__name__", "<", behind))
        placed = [self._documents.versioned(snapshot) for snapshot in query.stream()]
        return sorted(placed, key=lambda order: order.value.po_number)

    def of_item(self, item_id: str, page: PageRequest) -> Page[PurchaseOrder]:
        """A page, by its number, of the orders that hold the item, open and past, the newest first; a read for each,
        and for each that the number skips."""
        query = self._documents.collection.where(filter=FieldFilter("item_ids", "array_contains", item_id))
        for name in ("order_date", "po_number"):
            query = query.order_by(name, direction="DESCENDING")
        orders = self._documents.found_by(query.limit(page.size).offset(page.offset))
        return page_of(orders, page, lambda order: order.id, lambda: count(query))

    def next_number(self, transaction: Transaction, year: int, orders: int = 1) -> int:
        """The first of the year's next `orders` order numbers, taken as part of the transaction.

        The counter is committed together with the orders that bear its numbers, so the numbers have no gaps.
        """
        counter = self._counters.document(f"purchase_orders-{year}")
        found = transaction.get(counter)
        last = (found.to_dict() or {})["last"] if found.exists else 0
        transaction.set(counter, {"last": last + orders})
        return int(last) + 1

    def place(self, transaction: Transaction, order: PurchaseOrder) -> Versioned[PurchaseOrder]:
        """Write an order whose lines are new; raises Invalid when it is larger than a document is to be.

        Whatever becomes of its lines afterwards has room: what has arrived can always be booked.
        """
        size = len(json.dumps(_encode(order), default=str, ensure_ascii=False).encode())
        if size > _MAX_NEW_BYTES:
            raise OrderTooLarge(
                f"order {order.po_number} would have {size:,} bytes; allowed are {_MAX_NEW_BYTES:,}: order fewer lines"
            )
        return self.put(transaction, order)

    def put_many(self, orders: Iterable[PurchaseOrder]) -> int:
        """Write orders that were placed elsewhere, numbers and all, outside a transaction; returns how many."""
        return self._documents.put_many(orders)

    def put(self, transaction: Transaction, order: PurchaseOrder) -> Versioned[PurchaseOrder]:
        """Write an order whose lines are those that it was placed with."""
        return self._documents.put(transaction, order)


class OpenOrders:
    """The outstanding lines of purchase orders."""

    def __init__(self, tenant: Tenant) -> None:
        self._documents = _documents(tenant)
        self._open = self._documents.collection.where(filter=FieldFilter("is_open", "==", True))

    def lines(self) -> list[OpenOrderLine]:
        """The outstanding lines of every open order; one read an order."""
        return [line for order in self._documents.found_by(self._open) for line in order.open_lines()]

    def lines_of_item(self, item_id: str) -> list[OpenOrderLine]:
        """The outstanding lines of one item; one read for each open order with it."""
        return [line for order in self.of_item(item_id) for line in order.open_lines() if line.item_id == item_id]

    def of_item(self, item_id: str) -> list[PurchaseOrder]:
        """The open orders that hold the item; one read each."""
        return self._documents.found_by(self._open.where(filter=FieldFilter("item_ids", "array_contains", item_id)))

    def bound_for(self, location_id: str, limit: int) -> list[PurchaseOrder]:
        """Up to `limit` open orders that are to arrive at the location; one read each."""
        query = self._open.where(filter=FieldFilter("location_id", "==", location_id)).limit(limit)
        return self._documents.found_by(query)


def _documents(tenant: Tenant) -> Repository[PurchaseOrder]:
    return Repository(tenant.database, tenant.collection("purchase_orders"), _CODEC, _missing)


def _missing(order_id: str) -> NotFound:
    return PurchaseOrderNotFound(order_id)


def _encode(order: PurchaseOrder) -> dict[str, Any]:
    return {
        "id": order.id,
        "po_number": order.po_number,
        "supplier_id": order.supplier_id,
        "supplier_name": order.supplier_name,
        "status": order.status.value,
        "is_open": order.is_open,
        "location_id": order.location_id,
        "currency": order.currency,
        "order_date": order.order_date.isoformat(),
        "expected_delivery_date": text(order.expected_delivery_date),
        "shipping_method": order.shipping_method,
        "shipping_unit": order.shipping_unit,
        "notes": order.notes,
        "created_by": order.created_by,
        "created_at": order.created_at,
        "sort_name": sorting_key(order.supplier_name),
        # With as many digits as the largest has, so that a query sorts amounts.
        "total_amount": f"{order.total_amount:0{_AMOUNT_DIGITS}.2f}",
        "line_count": order.line_count,
        "outstanding_line_count": order.outstanding_line_count,
        "item_ids": [line.item_id for line in order.lines],
        "items": json_text([[getattr(line, name) for name in _LINE] for line in order.lines]),
        "history": [
            {
                "at": entry.at,
                "by": entry.by,
                "from": entry.from_status.value if entry.from_status else None,
                "to": entry.to_status.value,
                "reason": entry.reason,
                "expected_delivery_date": text(entry.expected_delivery_date),
            }
            for entry in order.history
        ],
        "receipt_count": order.receipt_count,
        CHANGED_AT: SERVER_TIMESTAMP,
    }


def _decode(fields: Any) -> PurchaseOrder:
    return PurchaseOrder(
        id=fields["id"],
        po_number=fields["po_number"],
        supplier_id=fields["supplier_id"],
        supplier_name=fields["supplier_name"],
        status=OrderStatus(fields["status"]),
        location_id=fields["location_id"],
        currency=fields["currency"],
        order_date=dt.date.fromisoformat(fields["order_date"]),
        expected_delivery_date=date(fields["expected_delivery_date"]),
        lines=tuple(_line(line) for line in json.loads(fields["items"])),
        created_by=fields["created_by"],
        created_at=fields["created_at"],
        shipping_method=fields["shipping_method"],
        shipping_unit=fields["shipping_unit"],
        notes=fields["notes"],
        history=tuple(_history(entry) for entry in fields["history"]),
        receipt_count=fields["receipt_count"],
    )


def _line(values: list[Any]) -> OrderLine:
    fields = dict(zip(_LINE, values, strict=True))
    return OrderLine(**fields | {name: Decimal(fields[name]) for name in _DECIMALS})


def _history(fields: Any) -> HistoryEntry:
    before = fields["from"]
    return HistoryEntry(
        at=fields["at"],
        by=fields["by"],
        from_status=OrderStatus(before) if before else None,
        to_status=OrderStatus(fields["to"]),
        reason=fields["reason"],
        expected_delivery_date=date(fields["expected_delivery_date"]),
    )


_CODEC = Codec[PurchaseOrder](lambda order: order.id, _encode, _decode)
