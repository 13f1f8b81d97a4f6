"""Purchase orders: `purchase_orders/{id}`, history and receipts inside, decimals and dates as text."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.errors import Invalid, NotFound
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.product import OpenOrderLine
from shared.domain.purchasing.purchase_order import (
    HistoryEntry,
    OrderLine,
    OrderSummary,
    PurchaseOrder,
    Receipt,
    ReceiptLine,
)
from shared.firestore.page_positions import unknown_position
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction, read
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

_MAX_DOCUMENT_BYTES = 1_000_000  # Firestore takes 1 MiB; as JSON a document is a little longer than as it counts it
_DESCENDING = "DESCENDING"
_SUMMARY = tuple(OrderSummary.__dataclass_fields__)


@dataclass(frozen=True)
class OrderFilter:
    """Which orders are wanted; dates are order dates, both ends included. What is None does not matter."""

    statuses: Sequence[OrderStatus] = ()
    supplier_id: str | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None


class PurchaseOrders:
    """The orders of one tenant, and the counters of their numbers."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("purchase_orders")

    def get(self, order_id: str, transaction: Transaction | None = None) -> tuple[PurchaseOrder, str]:
        """The order and its version (ETag); raises NotFound."""
        found = read(self._reference(order_id), transaction)
        if not found.exists:
            raise NotFound("purchase_order_not_found", f"no purchase order {order_id!r}")
        return _order(found.to_dict()), found.update_time.isoformat()

    def get_many(self, order_ids: Iterable[str], transaction: Transaction | None = None) -> list[PurchaseOrder]:
        """The orders among these ids that exist, in the order of the ids; one call."""
        references = [self._reference(order_id) for order_id in order_ids]
        reader = self._tenant.database if transaction is None else transaction
        found = {one.id: one for one in reader.get_all(references) if one.exists} if references else {}
        return [_order(found[one.id].to_dict()) for one in references if one.id in found]

    def placed_by(self, request_id: str) -> list[PurchaseOrder]:
        """The orders whose ids begin with the request's and a dash, by number: those that one request placed."""
        first, behind = (self._reference(f"{request_id}{end}") for end in ("-", "."))  # "." comes next to "-"
        query = self._collection.where(filter=FieldFilter("__name__", ">=", first))
        query = query.where(filter=FieldFilter("__name__", "<", behind))
        return sorted((_order(one.to_dict()) for one in query.stream()), key=lambda order: order.po_number)

    def page(self, size: int, position: str | None, wanted: OrderFilter) -> tuple[list[OrderSummary], str | None]:
        """Up to `size` orders, the newest first, and the position of the next page, None behind the last one.

        Their lines and receipts are not fetched: an order may have hundreds. `position` is what the page before gave;
        raises Invalid for anything else.
        """
        query = self._collection.select(_SUMMARY).order_by("order_date", direction=_DESCENDING)
        query = query.order_by("po_number", direction=_DESCENDING)
        if wanted.statuses:
            query = query.where(filter=FieldFilter("status", "in", [status.value for status in wanted.statuses]))
        if wanted.supplier_id is not None:
            query = query.where(filter=FieldFilter("supplier_id", "==", wanted.supplier_id))
        if wanted.from_date is not None:
            query = query.where(filter=FieldFilter("order_date", ">=", wanted.from_date.isoformat()))
        if wanted.to_date is not None:
            query = query.where(filter=FieldFilter("order_date", "<=", wanted.to_date.isoformat()))
        if position is not None:
            query = query.start_after(_cursor(position))
        found = [_summary(one.to_dict()) for one in query.limit(size).stream()]
        return found, f"{found[-1].order_date} {found[-1].po_number}" if len(found) == size else None

    def next_number(self, transaction: Transaction, year: int, count: int = 1) -> int:
        """The first of `count` numbers that the year's orders go on with, taken as part of the transaction.

        The counter is committed together with the orders that bear its numbers, so the numbers have no gaps.
        """
        counter = self._tenant.collection("counters").document(f"purchase_orders-{year}")
        found = transaction.get(counter)
        last = (found.to_dict() or {})["last"] if found.exists else 0
        transaction.set(counter, {"last": last + count})
        return int(last) + 1

    def put(self, transaction: Transaction, order: PurchaseOrder) -> Versioned[PurchaseOrder]:
        """Write the order; raises Invalid when it is larger than a document can be."""
        return Versioned(order, transaction.set(self._reference(order.id), order_document(order)))

    def _reference(self, order_id: str) -> DocumentReference:
        return self._collection.document(document_key(order_id))


class OpenOrders:
    """What is still to come of purchase orders."""

    def __init__(self, tenant: Tenant) -> None:
        self._open = tenant.collection("purchase_orders").where(filter=FieldFilter("is_open", "==", True))

    def lines(self) -> list[OpenOrderLine]:
        """The outstanding lines of every open order; one read an order."""
        return [line for one in self._open.stream() for line in _order(one.to_dict()).open_lines()]

    def lines_of_item(self, item_id: str) -> list[OpenOrderLine]:
        """What is still to come of one item; one read an open order that holds it."""
        return [line for order in self._of_item(item_id) for line in order.open_lines() if line.item_id == item_id]

    def of_item(self, item_id: str) -> list[dict[str, Any]]:
        """The open orders that hold the item, as they are shown with it."""
        return [
            {
                "order_id": order.id,
                "po_number": order.po_number,
                "supplier_id": order.supplier_id,
                "status": order.status.value,
                "expected_delivery_date": order.expected_delivery_date,
                "outstanding": sum((one.outstanding for one in order.lines if one.item_id == item_id), Decimal(0)),
            }
            for order in self._of_item(item_id)
        ]

    def bound_for(self, location_id: str, limit: int) -> list[PurchaseOrder]:
        """Up to `limit` open orders that are to arrive at the location; one read each."""
        query = self._open.where(filter=FieldFilter("location_id", "==", location_id)).limit(limit)
        return [_order(one.to_dict()) for one in query.stream()]

    def _of_item(self, item_id: str) -> list[PurchaseOrder]:
        query = self._open.where(filter=FieldFilter("item_ids", "array_contains", item_id))
        return [_order(one.to_dict()) for one in query.stream()]


def order_document(order: PurchaseOrder) -> dict[str, Any]:
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
        "expected_delivery_date": _text(order.expected_delivery_date),
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
                "at": one.at,
                "by": one.by,
                "from": one.from_status.value if one.from_status else None,
                "to": one.to_status.value,
                "reason": one.reason,
                "expected_delivery_date": _text(one.expected_delivery_date),
            }
            for one in order.history
        ],
        "receipts": [
            vars(one) | {"lines": [vars(line) | {"quantity": str(line.quantity)} for line in one.lines]}
            for one in order.receipts
        ],
    }
    size = len(json.dumps(fields, default=str, ensure_ascii=False).encode())
    if size > _MAX_DOCUMENT_BYTES:
        raise Invalid(
            "order_too_large",
            f"order {order.po_number} would have {size:,} bytes with its receipts; allowed are {_MAX_DOCUMENT_BYTES:,}",
        )
    return fields


def _order(fields: Any) -> PurchaseOrder:
    return PurchaseOrder(
        id=fields["id"],
        po_number=fields["po_number"],
        supplier_id=fields["supplier_id"],
        supplier_name=fields["supplier_name"],
        status=OrderStatus(fields["status"]),
        location_id=fields["location_id"],
        currency=fields["currency"],
        order_date=dt.date.fromisoformat(fields["order_date"]),
        expected_delivery_date=_date(fields["expected_delivery_date"]),
        lines=tuple(_line(one) for one in fields["items"]),
        created_by=fields["created_by"],
        created_at=fields["created_at"],
        note=fields["note"],
        history=tuple(_history(one) for one in fields["history"]),
        receipts=tuple(_receipt(one) for one in fields["receipts"]),
    )


def _summary(fields: Any) -> OrderSummary:
    return OrderSummary(
        **fields
        | {
            "status": OrderStatus(fields["status"]),
            "order_date": dt.date.fromisoformat(fields["order_date"]),
            "expected_delivery_date": _date(fields["expected_delivery_date"]),
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
        expected_delivery_date=_date(fields["expected_delivery_date"]),
    )


def _receipt(fields: Any) -> Receipt:
    lines = tuple(ReceiptLine(one["item_id"], Decimal(one["quantity"])) for one in fields["lines"])
    return Receipt(**fields | {"lines": lines})


def _text(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _cursor(position: str) -> dict[str, Any]:
    date, _, number = position.partition(" ")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", date) or not number:
        raise unknown_position()
    return {"order_date": date, "po_number": number}
