"""The states of a purchase order and the moves between them (rules.md, "Purchase orders")."""

from __future__ import annotations

from enum import StrEnum


class OrderStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


# Where a user may move an order; only a receipt makes it partially received.
MOVES: dict[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.PENDING: (OrderStatus.CONFIRMED, OrderStatus.CANCELLED),
    OrderStatus.CONFIRMED: (OrderStatus.SHIPPED, OrderStatus.CANCELLED),
    OrderStatus.SHIPPED: (OrderStatus.RECEIVED, OrderStatus.CANCELLED),
    OrderStatus.PARTIALLY_RECEIVED: (OrderStatus.RECEIVED, OrderStatus.CLOSED),
    OrderStatus.RECEIVED: (),
    OrderStatus.CLOSED: (),
    OrderStatus.CANCELLED: (),
}
OPEN_STATUSES = tuple(status for status, moves in MOVES.items() if moves)
RECEIVABLE_STATUSES = (OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.PARTIALLY_RECEIVED)
