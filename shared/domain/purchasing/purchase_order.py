"""Purchase orders: lines and totals, the moves from pending to received, and receipts (rules.md, "Purchase orders").

Quantities have 3 decimals and money 2. Ids, times and the tolerance are arguments; every change makes a new order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import ROUND_FLOOR, Decimal

from shared.domain.errors import Conflict, Invalid, InvalidField, InvalidLines, NotFound
from shared.domain.money import THOUSANDTHS, round_money
from shared.domain.purchasing.line_errors import duplicate_errors
from shared.domain.purchasing.order_status import MOVES, OPEN_STATUSES, RECEIVABLE_STATUSES, OrderStatus
from shared.domain.purchasing.product import OpenOrderLine

_ZERO = Decimal("0.000")


class LocationRequired(InvalidField):
    """The order names no location: a receipt has to."""

    code = "location_required"


class IllegalTransition(Conflict):
    """The order's status does not allow this; the detail names what it allows."""

    code = "illegal_transition"


class OrderNotPending(Conflict):
    """Only a pending order can be changed: the supplier has the others already."""

    code = "order_not_pending"


class DeliveryBeforeOrder(InvalidField):
    """The expected delivery is before the order date."""

    code = "delivery_before_order"


class DeliveryDateNotChangeable(InvalidField):
    """Only a confirmation changes the expected delivery date."""

    code = "delivery_date_not_changeable"


class ItemNotOrdered(InvalidField):
    """A receipt names an item that is not on the order."""

    code = "item_not_ordered"


class InvalidQuantity(InvalidField):
    """A received quantity is not above 0."""

    code = "invalid_quantity"


class OverReceipt(InvalidField):
    """More is received than the tolerance allows."""

    code = "over_receipt"


class OrderTooLarge(Invalid):
    """The order would not fit into a document."""

    code = "order_too_large"


class PurchaseOrderNotFound(NotFound):
    """There is no such purchase order."""

    code = "purchase_order_not_found"

    def __init__(self, order_id: str) -> None:
        super().__init__(f"no purchase order {order_id!r}")


@dataclass(frozen=True)
class OrderLine:
    """An item of an order; an item has one line. what the line says of the supplier's terms was agreed when ordering.

    `packaging_qty` is the size of a pack, `packaging_unit` its name; `supplier_sku` is the supplier's own number of it.
    """

    item_id: str
    product_name: str
    quantity: Decimal
    received: Decimal
    unit_cost: Decimal
    lead_time_days: int
    packaging_qty: Decimal = Decimal("1.000")
    packaging_unit: str | None = None
    supplier_sku: str | None = None

    @property
    def total_price(self) -> Decimal:
        """Quantity x unit cost, 2 decimals, half even."""
        return round_money(self.quantity * self.unit_cost)

    @property
    def outstanding(self) -> Decimal:
        """Still to come; 0 when more than was ordered has arrived."""
        return max(self.quantity - self.received, _ZERO)

    def receivable(self, tolerance: Decimal) -> Decimal:
        """The most that may still be received: what was ordered and the tolerated share of it, rounded down."""
        most = (self.quantity * (1 + tolerance)).quantize(THOUSANDTHS, ROUND_FLOOR)
        return max(most - self.received, _ZERO)


@dataclass(frozen=True)
class ReceiptLine:
    """How much of an item arrived."""

    item_id: str
    quantity: Decimal


@dataclass(frozen=True)
class Receipt:
    """Goods that arrived together. Receipts are only ever added to an order; `id` tells a repeated one.

    `number` counts the receipts of an order from 1; it is 0 until the order has taken the receipt.
    """

    id: str
    at: dt.datetime
    by: str
    location_id: str | None
    lines: tuple[ReceiptLine, ...]
    notes: str | None = None
    number: int = 0


@dataclass(frozen=True)
class HistoryEntry:
    """A change of status: when, by whom, from (None: the order was placed) and to which, and why.

    `expected_delivery_date` is the date that it set, None when it left the date as it was.
    """

    at: dt.datetime
    by: str
    from_status: OrderStatus | None
    to_status: OrderStatus
    reason: str | None = None
    expected_delivery_date: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class OrderHeader:
    """What an order says besides its lines, from the day on which it is placed. `order_date` is the client's."""

    id: str
    po_number: str
    supplier_id: str
    supplier_name: str
    location_id: str | None
    currency: str
    order_date: dt.date
    shipping_method: str | None = None
    shipping_unit: str | None = None
    notes: str | None = None


@dataclass(frozen=True)
class OrderSummary:
    """An order as lists show it. `total_amount` is in `currency`; of outstanding lines something is still to come."""

    id: str
    po_number: str
    supplier_id: str
    supplier_name: str
    status: OrderStatus
    location_id: str | None
    currency: str
    order_date: dt.date
    expected_delivery_date: dt.date | None
    total_amount: Decimal
    line_count: int
    outstanding_line_count: int
    created_by: str
    created_at: dt.datetime


@dataclass(frozen=True)
class OrderRevision:
    """What a pending order is to say from now on."""

    lines: tuple[OrderLine, ...]
    shipping_method: str | None
    shipping_unit: str | None
    notes: str | None
    expected_delivery_date: dt.date | None


@dataclass(frozen=True)
class PurchaseOrder:
    """An order with a supplier, and its history. Its receipts are kept beside it: there is no end to them."""

    id: str
    po_number: str
    supplier_id: str
    supplier_name: str
    status: OrderStatus
    location_id: str | None
    currency: str
    order_date: dt.date
    expected_delivery_date: dt.date | None
    lines: tuple[OrderLine, ...]
    created_by: str
    created_at: dt.datetime
    shipping_method: str | None = None
    shipping_unit: str | None = None
    notes: str | None = None
    history: tuple[HistoryEntry, ...] = field(default=())
    receipt_count: int = 0

    @property
    def total_amount(self) -> Decimal:
        """The sum of the lines' total prices, in `currency`."""
        return sum((line.total_price for line in self.lines), Decimal("0.00"))

    @property
    def is_open(self) -> bool:
        """Whether anything may still happen to it."""
        return self.status in OPEN_STATUSES

    @property
    def allowed_moves(self) -> tuple[OrderStatus, ...]:
        """The statuses to which a user may move it now: goods that have arrived rule a cancellation out."""
        arrived = any(line.received > 0 for line in self.lines)
        return tuple(to for to in MOVES[self.status] if not (arrived and to is OrderStatus.CANCELLED))

    @property
    def line_count(self) -> int:
        return len(self.lines)

    @property
    def outstanding_line_count(self) -> int:
        """Of how many lines something is still to come."""
        return len(self.open_lines())

    @property
    def summary(self) -> OrderSummary:
        return OrderSummary(**{field_.name: getattr(self, field_.name) for field_ in fields(OrderSummary)})

    def open_lines(self) -> list[OpenOrderLine]:
        """Its outstanding lines; none once it is no longer open."""
        if not self.is_open:
            return []
        return [
            OpenOrderLine(
                order_id=self.id,
                po_number=self.po_number,
                item_id=line.item_id,
                location_id=self.location_id,
                outstanding=line.outstanding,
                expected_delivery_date=self.expected_delivery_date,
            )
            for line in self.lines
            if line.outstanding > 0
        ]

    @property
    def revision(self) -> OrderRevision:
        """What it says now of what may be changed."""
        return OrderRevision(**{field_.name: getattr(self, field_.name) for field_ in fields(OrderRevision)})

    @property
    def usual_delivery_date(self) -> dt.date:
        """The order date and the longest lead time of its lines."""
        return _usual_delivery(self.order_date, self.lines)

    def check_pending(self) -> None:
        """Raises Conflict `order_not_pending`."""
        if self.status is not OrderStatus.PENDING:
            raise OrderNotPending(f"order {self.po_number} is {self.status}: only a pending order can be changed")

    def revised(self, revision: OrderRevision) -> PurchaseOrder:
        """The pending order as it is to be; raises Conflict, and Invalid for a delivery before the order."""
        self.check_pending()
        if revision.expected_delivery_date is not None:
            _check_not_before(self.order_date, revision.expected_delivery_date)
        return replace(self, **vars(revision))

    def moved(
        self,
        to: OrderStatus,
        at: dt.datetime,
        by: str,
        reason: str | None = None,
        expected_delivery_date: dt.date | None = None,
    ) -> PurchaseOrder:
        """The order after a user's move; one to `received` takes the receipt of the `rest`.

        Raises Conflict `illegal_transition`, and Invalid when a move other than a confirmation brings a delivery date
        or the date lies before the order's.
        """
        if to not in self.allowed_moves:
            raise self._illegal(f"it cannot become {to}")
        if expected_delivery_date is not None:
            if to is not OrderStatus.CONFIRMED:
                detail = f"only a confirmation changes expected_delivery_date, not a move to {to}"
                raise DeliveryDateNotChangeable("/expected_delivery_date", detail)
            _check_not_before(self.order_date, expected_delivery_date)
        if to is OrderStatus.RECEIVED:
            return self._with_receipt(self.rest(at, by, reason))
        moved = self._in_status(to, at, by, reason, expected_delivery_date)
        return (
            moved if expected_delivery_date is None else replace(moved, expected_delivery_date=expected_delivery_date)
        )

    def received(self, receipt: Receipt, tolerance: Decimal) -> PurchaseOrder:
        """The order after a receipt that it has not taken yet: `received` once nothing is outstanding.

        `tolerance` is the share of the ordered quantity that may arrive beyond it. Raises Conflict
        `illegal_transition`, and Invalid with every line that is wrong: `item_not_ordered`, `over_receipt`,
        `invalid_quantity`, `duplicate_item`.
        """
        if self.status not in RECEIVABLE_STATUSES:
            raise self._illegal(f"goods are received of one that is {_listed(RECEIVABLE_STATUSES)}")
        errors = self._receipt_errors(receipt, tolerance)
        if errors:
            raise InvalidLines(errors)
        return self._with_receipt(receipt)

    def _with_receipt(self, receipt: Receipt) -> PurchaseOrder:
        arrived = {line.item_id: line.quantity for line in receipt.lines}
        lines = tuple(replace(line, received=line.received + arrived.get(line.item_id, _ZERO)) for line in self.lines)
        complete = all(line.outstanding == 0 for line in lines)
        status = OrderStatus.RECEIVED if complete else OrderStatus.PARTIALLY_RECEIVED
        moved = self if status is self.status else self._in_status(status, receipt.at, receipt.by, receipt.notes)
        return replace(moved, lines=lines, receipt_count=self.receipt_count + 1)

    def rest(self, at: dt.datetime, by: str, notes: str | None) -> Receipt:
        """The receipt of everything outstanding. An order becomes `received` once: there is one such receipt."""
        lines = tuple(ReceiptLine(line.item_id, line.outstanding) for line in self.lines if line.outstanding > 0)
        return Receipt(f"{self.id}-rest", at, by, self.location_id, lines, notes)

    def _in_status(
        self, to: OrderStatus, at: dt.datetime, by: str, reason: str | None, date: dt.date | None = None
    ) -> PurchaseOrder:
        entry = HistoryEntry(at, by, self.status, to, reason, date)
        return replace(self, status=to, history=(*self.history, entry))

    def _receipt_errors(self, receipt: Receipt, tolerance: Decimal) -> list[InvalidField]:
        ordered = {line.item_id: line for line in self.lines}
        errors = duplicate_errors([line.item_id for line in receipt.lines], "/lines")
        for number, arrived in enumerate(receipt.lines):
            line = ordered.get(arrived.item_id)
            if line is None:
                detail = f"{arrived.item_id!r} is not on order {self.po_number}"
                errors.append(ItemNotOrdered(f"/lines/{number}/item_id", detail))
            elif arrived.quantity <= 0:
                detail = f"{arrived.quantity} of {arrived.item_id!r}: a received quantity is above 0"
                errors.append(InvalidQuantity(f"/lines/{number}/quantity", detail))
            elif arrived.quantity > line.receivable(tolerance):
                detail = (
                    f"{arrived.quantity} of {arrived.item_id!r} is more than may still be received: "
                    f"{line.receivable(tolerance)} (ordered {line.quantity}, received {line.received})"
                )
                errors.append(OverReceipt(f"/lines/{number}/quantity", detail))
        return errors

    def _illegal(self, why: str) -> Conflict:
        allowed = _listed(self.allowed_moves) or "none, this is final"
        return IllegalTransition(f"order {self.po_number} is {self.status}: {why}; allowed: {allowed}")


def placed_order(
    header: OrderHeader,
    lines: Sequence[OrderLine],
    by: str,
    at: dt.datetime,
    expected_delivery_date: dt.date | None = None,
) -> PurchaseOrder:
    """A new, pending order. It is expected after the longest lead time of its lines, unless a date is given.

    Raises Invalid for a date before the order's. The lines are those of `order_line`.
    """
    if expected_delivery_date is None:
        expected_delivery_date = _usual_delivery(header.order_date, lines)
    _check_not_before(header.order_date, expected_delivery_date)
    return PurchaseOrder(
        **vars(header),
        status=OrderStatus.PENDING,
        expected_delivery_date=expected_delivery_date,
        lines=tuple(lines),
        created_by=by,
        created_at=at,
        history=(HistoryEntry(at, by, None, OrderStatus.PENDING, None, expected_delivery_date),),
    )


def po_number(year: int, number: int) -> str:
    """The readable number of a client's `number`-th order of a year: PO-2026-000123."""
    return f"PO-{year}-{number:06d}"


def _usual_delivery(order_date: dt.date, lines: Sequence[OrderLine]) -> dt.date:
    return order_date + dt.timedelta(days=max(line.lead_time_days for line in lines))


def _check_not_before(order_date: dt.date, date: dt.date) -> None:
    if date < order_date:
        detail = f"expected_delivery_date {date} is before the order date {order_date}"
        raise DeliveryBeforeOrder("/expected_delivery_date", detail)


def _listed(statuses: Sequence[OrderStatus]) -> str:
    return ", ".join(status.value for status in statuses)
