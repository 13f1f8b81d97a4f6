"""The orders of the played year as the product keeps them: documents, receipts, audit entries, events."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from infra.local.demo.deliveries import Delivery, PlayedOrder
from infra.local.demo.partners import SUPPLIERS, WAREHOUSE
from shared.domain.access.audit import AuditAction, AuditEntry
from shared.domain.access.principal import Role
from shared.domain.purchasing.order_request import RequestedLine, order_line
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.purchase_order import (
    OrderHeader,
    OrderLine,
    PurchaseOrder,
    Receipt,
    ReceiptLine,
    placed_order,
    po_number,
)

BUYER = f"demo-{Role.PROCUREMENT.value.lower()}"
_CREATED = ("po_number", "supplier_id", "location_id", "total_amount", "shipping_method", "shipping_unit", "notes")


@dataclass(frozen=True)
class OrderRecord:
    """An order as it is today, with its receipts and what the audit log says of it."""

    order: PurchaseOrder
    receipts: Sequence[Receipt]
    audit: Sequence[AuditEntry]


@dataclass(frozen=True)
class Catalogue:
    """What the lines of orders say of items, by their numbers: their ids, names and purchase terms."""

    item_ids: Sequence[str]
    names: Mapping[str, str]
    terms: Mapping[str, Sequence[Condition]]
    currency: str

    def line(self, item: int, supplier_id: str, units: int) -> OrderLine:
        item_id = self.item_ids[item]
        condition = next(terms for terms in self.terms[item_id] if terms.supplier_id == supplier_id)
        requested = RequestedLine(item_id, supplier_id, Decimal(units), "/items")
        return order_line(requested, condition, self.names[item_id])


def order_records(orders: Iterable[PlayedOrder], catalogue: Catalogue, today: dt.date) -> list[OrderRecord]:
    """Every order as it stands on the morning of `today`, numbered in the order of their dates."""
    numbers: Counter[int] = Counter()
    records = []
    for played in orders:
        numbers[played.placed.year] += 1
        records.append(_record(played, numbers[played.placed.year], catalogue, today))
    return records


def _record(played: PlayedOrder, number: int, catalogue: Catalogue, today: dt.date) -> OrderRecord:
    supplier = SUPPLIERS[played.supplier]
    name = po_number(played.placed.year, number)
    header = OrderHeader(
        id=f"demo-{name.lower()}",
        po_number=name,
        supplier_id=supplier.supplier_id,
        supplier_name=supplier.name,
        location_id=WAREHOUSE,
        currency=catalogue.currency,
        order_date=played.placed,
        notes="For customers' orders" if played.for_customers else None,
    )
    lines = [
        catalogue.line(item, supplier.supplier_id, units)
        for item, units in zip(played.items.tolist(), played.units.tolist(), strict=True)
    ]
    life = _Life(placed_order(header, lines, BUYER, _at(played.placed, 9)))
    if played.confirmed < today:
        new_date = None if played.promised == life.order.expected_delivery_date else played.promised
        life.move(OrderStatus.CONFIRMED, _at(played.confirmed, 14), date=new_date)
    if played.shipped is not None and played.shipped < today:
        life.move(OrderStatus.SHIPPED, _at(played.shipped, 16))
    for delivery in played.deliveries:
        if delivery.day < today:
            life.receive(delivery, [catalogue.item_ids[item] for item in played.items.tolist()])
    if played.cancelled is not None and played.cancelled < today:
        life.move(OrderStatus.CANCELLED, _at(played.cancelled, 15), "the supplier cannot deliver")
    if played.given_up is not None and played.given_up < today:
        life.move(OrderStatus.CLOSED, _at(played.given_up, 15), "the rest will not come")
    return OrderRecord(life.order, life.receipts, life.audit)


class _Life:
    """An order and what has happened to it so far."""

    def __init__(self, order: PurchaseOrder) -> None:
        self.order = order
        self.receipts: list[Receipt] = []
        after = {name: getattr(order, name) for name in _CREATED}
        after |= {"status": order.status.value, "items": {line.item_id: str(line.quantity) for line in order.lines}}
        self.audit: list[AuditEntry] = []
        self._record(AuditAction.ORDER_CREATED, order.created_at, None, after)

    def move(self, to: OrderStatus, at: dt.datetime, reason: str | None = None, date: dt.date | None = None) -> None:
        before, self.order = self.order, self.order.moved(to, at, BUYER, reason, date)
        self._record(AuditAction.ORDER_MOVED, at, _state(before), _state(self.order), reason)

    def receive(self, delivery: Delivery, item_ids: Sequence[str]) -> None:
        arrived = zip(item_ids, delivery.units.tolist(), strict=True)
        lines = tuple(ReceiptLine(item_id, Decimal(units)) for item_id, units in arrived if units)
        number = self.order.receipt_count + 1
        at = _at(delivery.day, 8)
        receipt = Receipt(f"delivery-{number}", at, BUYER, WAREHOUSE, lines, number=number)
        before, self.order = self.order, self.order.received(receipt, Decimal(0))
        self.receipts.append(receipt)
        received = {line.item_id: str(line.quantity) for line in lines}
        after = _state(self.order) | {"receipt_id": receipt.id, "location_id": WAREHOUSE, "received": received}
        self._record(AuditAction.ORDER_RECEIVED, at, _state(before), after)

    def _record(
        self,
        action: AuditAction,
        at: dt.datetime,
        before: Mapping[str, object] | None,
        after: Mapping[str, object],
        reason: str | None = None,
    ) -> None:
        entry = AuditEntry(
            id=f"{self.order.id}-{len(self.audit)}",
            at=at,
            user_id=BUYER,
            role=Role.PROCUREMENT,
            action=action,
            subject_id=self.order.id,
            before=before,
            after={name: _text(value) for name, value in after.items()},
            reason=reason,
        )
        self.audit.append(entry)


def _state(order: PurchaseOrder) -> dict[str, object]:
    return {"status": order.status.value, "expected_delivery_date": _text(order.expected_delivery_date)}


def _text(value: object) -> object:
    return str(value) if isinstance(value, Decimal | dt.date) else value


def _at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC)
