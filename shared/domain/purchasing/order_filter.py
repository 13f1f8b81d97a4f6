"""Which purchase orders a list is narrowed to, and how it is sorted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.errors import InvalidField
from shared.domain.folding import folded
from shared.domain.purchasing.order_status import OPEN_STATUSES, OrderStatus
from shared.domain.purchasing.purchase_order import OrderSummary


class UnknownOrderSort(InvalidField):
    """Orders cannot be sorted by this."""

    code = "unknown_order_sort"


class OrderField(StrEnum):
    """What orders can be sorted by."""

    ORDER_DATE = "order_date"
    PO_NUMBER = "po_number"
    SUPPLIER_NAME = "supplier_name"
    STATUS = "status"
    TOTAL_AMOUNT = "total_amount"
    EXPECTED_DELIVERY_DATE = "expected_delivery_date"
    CREATED_AT = "created_at"


@dataclass(frozen=True)
class OrderSort:
    field: OrderField
    descending: bool = False


NEWEST_FIRST = (OrderSort(OrderField.ORDER_DATE, descending=True),)


@dataclass(frozen=True)
class OrderFilter:
    """Dates are order dates, both ends included. What is None or empty does not matter.

    `overdue_on`: open orders whose delivery was expected before that day. `search`: a part of the number, of the
    supplier's name or id, or of an item's id, whatever the case; `searched_items` are items that it also finds.
    """

    statuses: Sequence[OrderStatus] = ()
    supplier_ids: Sequence[str] = ()
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    overdue_on: dt.date | None = None
    search: str | None = None
    searched_items: Collection[str] = frozenset()

    def admits(self, order: OrderSummary, item_ids: Collection[str]) -> bool:
        """Whether an order of these items is in the list."""
        expected = order.expected_delivery_date
        return (
            (not self.statuses or order.status in self.statuses)
            and (not self.supplier_ids or order.supplier_id in self.supplier_ids)
            and (self.from_date is None or order.order_date >= self.from_date)
            and (self.to_date is None or order.order_date <= self.to_date)
            and (
                self.overdue_on is None
                or (order.status in OPEN_STATUSES and expected is not None and expected < self.overdue_on)
            )
            and (self.search is None or self._finds(order, item_ids))
        )

    def _finds(self, order: OrderSummary, item_ids: Collection[str]) -> bool:
        wanted = folded(self.search or "")
        texts = (order.po_number, order.supplier_name, order.supplier_id, *item_ids)
        return any(wanted in folded(text) for text in texts) or not self.searched_items.isdisjoint(item_ids)  # type: ignore[attr-defined]


class TooManyOrders(InvalidField):
    """A search, `overdue` or several sorts would have to read too many orders."""

    code = "too_many_orders"

    def __init__(self, wanted: OrderFilter, most: int) -> None:
        asked = "search" if wanted.search is not None else "overdue" if wanted.overdue_on is not None else "sort"
        super().__init__(
            f"query/{asked}",
            f"{asked} looks at {most:,} orders at most, and the other filters leave more; narrow them by from_date, "
            "to_date, status or supplier_id",
        )


def parse_order_sort(sort: str | None) -> tuple[OrderSort, ...]:
    """`-total_amount,supplier_name`; the newest first without any. Raises Invalid by name."""
    keys = []
    for part in (name.strip() for name in (sort or "").split(",")):
        if not part:
            continue
        name = part.removeprefix("-")
        if name not in OrderField.__members__.values():
            allowed = ", ".join(OrderField)
            raise UnknownOrderSort("query/sort", f"cannot sort by {name!r}; allowed: {allowed}")
        keys.append(OrderSort(OrderField(name), descending=part.startswith("-")))
    return tuple(keys) or NEWEST_FIRST
