"""Purchase orders: `purchase_orders/{id}`, history and receipts inside, decimals and dates as text."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.domain.errors import NotFound
from shared.domain.purchasing.order_filter import OrderFilter
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.product import OpenOrderLine
from shared.domain.purchasing.purchase_order import (
    HistoryEntry,
    OrderLine,
    OrderSummary,
    OrderTooLarge,
    PurchaseOrder,
    PurchaseOrderNotFound,
    Receipt,
    ReceiptLine,
)
from shared.firestore.codec import Codec, date, text
from shared.firestore.page import Page, PageRequest, day, identifier, page_of, position, values_at
from shared.firestore.repository import Repository, count
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

_MAX_DOCUMENT_BYTES = 1_000_000  # Firestore takes 1 MiB; as JSON a document is a little longer than as it counts it
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

    def placed_by(self, request_id: str) -> list[PurchaseOrder]:
        """The orders whose ids begin with the request's and a dash, by number: those that one request placed."""
        first, behind = (self._documents.reference(f"{request_id}{end}") for end in ("-", "."))  # "." is next to "-"
        query = self._documents.collection.where(filter=FieldFilter("__name__", ">=", first))
        query = query.where(filter=FieldFilter("__name__", "<", behind))
        return sorted(self._documents.found_by(query), key=lambda order: order.po_number)

    def page(self, page: PageRequest, orders: OrderFilter) -> Page[OrderSummary]:
        """A page of the orders, the newest first; raises Invalid for a position that is none of them.

        Their lines and receipts are not fetched: an order may have hundreds.
        """
        query = self._documents.collection.select(_SUMMARY).order_by("order_date", direction=_DESCENDING)
        query = query.order_by("po_number", direction=_DESCENDING)
        if orders.statuses:
            query = query.where(filter=FieldFilter("status", "in", [status.value for status in orders.statuses]))
        if orders.supplier_id is not None:
            query = query.where(filter=FieldFilter("supplier_id", "==", orders.supplier_id))
        if orders.from_date is not None:
            query = query.where(filter=FieldFilter("order_date", ">=", orders.from_date.isoformat()))
        if orders.to_date is not None:
            query = query.where(filter=FieldFilter("order_date", "<=", orders.to_date.isoformat()))
        part = query.limit(page.size)
        if page.position is not None:
            order_date, number = values_at(page.position, day, identifier)
            part = part.start_after({"order_date": order_date, "po_number": number})
        elif page.offset:
            part = part.offset(page.offset)
        summaries = (_summary(snapshot.to_dict()) for snapshot in part.stream())
        return page_of(summaries, page, _position, lambda: count(query))

    def next_number(self, transaction: Transaction, year: int, count: int = 1) -> int:
        """The first of the year's next `count` order numbers, taken as part of the transaction.

        The counter is committed together with the orders that bear its numbers, so the numbers have no gaps.
        """
        counter = self._counters.document(f"purchase_orders-{year}")
        found = transaction.get(counter)
        last = (found.to_dict() or {})["last"] if found.exists else 0
        transaction.set(counter, {"last": last + count})
        return int(last) + 1

    def put(self, transaction: Transaction, order: PurchaseOrder) -> Versioned[PurchaseOrder]:
        """Write the order; raises Invalid when it is larger than a document can be."""
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


def _position(summary: OrderSummary) -> str:
    return position(summary.order_date, summary.po_number)


def _documents(tenant: Tenant) -> Repository[PurchaseOrder]:
    return Repository(tenant.database, tenant.collection("purchase_orders"), _CODEC, _missing)


def _missing(order_id: str) -> NotFound:
    return PurchaseOrderNotFound(order_id)


def _encode(order: PurchaseOrder) -> dict[str, Any]:
    """The order as its document; raises Invalid when it is larger than a document can be."""
    fields = {
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
        "note": order.note,
        "created_by": order.created_by,
        "created_at": order.created_at,
        "total": str(order.total),
        "line_count": order.line_count,
        "outstanding_line_count": order.outstanding_line_count,
        "item_ids": [line.item_id for line in order.lines],
        "items": [
            vars(line) | {name: str(getattr(line, name)) for name in ("quantity", "received", "unit_price")}
            for line in order.lines
        ],
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
        "receipts": [
            vars(receipt) | {"lines": [vars(line) | {"quantity": str(line.quantity)} for line in receipt.lines]}
            for receipt in order.receipts
        ],
    }
    size = len(json.dumps(fields, default=str, ensure_ascii=False).encode())
    if size > _MAX_DOCUMENT_BYTES:
        raise OrderTooLarge(
            f"order {order.po_number} would have {size:,} bytes with its receipts; allowed are {_MAX_DOCUMENT_BYTES:,}"
        )
    return fields


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
        lines=tuple(_line(line) for line in fields["items"]),
        created_by=fields["created_by"],
        created_at=fields["created_at"],
        note=fields["note"],
        history=tuple(_history(entry) for entry in fields["history"]),
        receipts=tuple(_receipt(receipt) for receipt in fields["receipts"]),
    )


def _summary(fields: Any) -> OrderSummary:
    return OrderSummary(
        **fields
        | {
            "status": OrderStatus(fields["status"]),
            "order_date": dt.date.fromisoformat(fields["order_date"]),
            "expected_delivery_date": date(fields["expected_delivery_date"]),
            "total": Decimal(fields["total"]),
        }
    )


def _line(fields: Any) -> OrderLine:
    return OrderLine(**fields | {name: Decimal(fields[name]) for name in ("quantity", "received", "unit_price")})


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


def _receipt(fields: Any) -> Receipt:
    lines = tuple(ReceiptLine(line["item_id"], Decimal(line["quantity"])) for line in fields["lines"])
    return Receipt(**fields | {"lines": lines})


_CODEC = Codec[PurchaseOrder](lambda order: order.id, _encode, _decode)
