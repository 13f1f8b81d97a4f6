"""Lists of purchase orders, a page at a time.

One sort and filters of equality are a query with an index of its own (infra/terraform/firestore.json): a read for each
order of the page. A search and several sorts are decided here, over the orders that the other filters leave, and
`overdue` over those that are: a read for each of these, and no more than MAX_SELECTED. Lines are not fetched: an order
may have hundreds.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.domain.folding import sorting_key
from shared.domain.purchasing.order_filter import NEWEST_FIRST, OrderField, OrderFilter, OrderSort, TooManyOrders
from shared.domain.purchasing.order_status import OPEN_STATUSES, OrderStatus
from shared.domain.purchasing.purchase_order import OrderSummary
from shared.firestore.codec import date
from shared.firestore.page import (
    Page,
    PageRequest,
    day,
    identifier,
    instant,
    page_of,
    position,
    unknown_position,
    values_at,
)
from shared.firestore.repository import count
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.versioned import Versioned

_SUMMARY = tuple(OrderSummary.__dataclass_fields__)
MAX_SELECTED = 10_000
_SELECTED_TIMEOUT_S = 30.0  # so many are seconds of reading
_MAX_DISJUNCTIONS = 30  # of a Firestore query: the values of one filter times those of another
_PO_NUMBER = re.compile(r"PO-\d{4}-\d{6,}", re.IGNORECASE)
# The document's field for each sort, and how a position's text is read.
_FIELDS: dict[OrderField, tuple[str, Callable[[str], Any]]] = {
    OrderField.ORDER_DATE: ("order_date", day),
    OrderField.PO_NUMBER: ("po_number", str),
    OrderField.SUPPLIER_NAME: ("sort_name", str),
    OrderField.STATUS: ("status", str),
    OrderField.TOTAL_AMOUNT: ("total_amount", str),
    OrderField.EXPECTED_DELIVERY_DATE: ("expected_delivery_date", str),
    OrderField.CREATED_AT: ("created_at", instant),
}
Row = Versioned[OrderSummary]


class OrderLists:
    """The orders of one tenant, listed."""

    def __init__(self, tenant: Tenant) -> None:
        self._collection = tenant.collection("purchase_orders")

    def page(self, page: PageRequest, wanted: OrderFilter, sort: tuple[OrderSort, ...] = NEWEST_FIRST) -> Page[Row]:
        """A page of the orders; raises Invalid for a position that is none of them, or where more than
        MAX_SELECTED orders would have to be read. The id is the last tiebreak."""
        indexed = wanted.search is None and wanted.overdue_on is None and len(sort) == 1
        if indexed and _disjunctions(wanted) <= _MAX_DISJUNCTIONS:
            return self._indexed(page, wanted, sort[0])
        return self._selected(page, wanted, sort)

    def _indexed(self, page: PageRequest, wanted: OrderFilter, sort: OrderSort) -> Page[Row]:
        names = _ordered_by(sort.field)
        query = self._equal(self._collection.select((*_SUMMARY, "sort_name")), wanted)
        query = _placed_between(query, wanted)
        direction = "DESCENDING" if sort.descending else "ASCENDING"
        for name in (*names, "__name__"):
            query = query.order_by(name, direction=direction)
        part = query.limit(page.size)
        if page.position is not None:
            readers = (_FIELDS[sort.field][1], day if names[1] == "order_date" else str, identifier)
            *values, order_id = values_at(page.position, *readers)
            last = self._collection.document(document_key(order_id))
            part = part.start_after(dict(zip(names, values, strict=True)) | {"__name__": last})
        elif page.offset:
            part = part.offset(page.offset)
        documents = [(snapshot.to_dict() or {}, snapshot) for snapshot in part.stream()]
        behind = {fields["id"]: position(*(fields[name] for name in names), fields["id"]) for fields, _ in documents}
        rows = (Versioned(_summary(fields), snapshot) for fields, snapshot in documents)
        return page_of(rows, page, lambda row: behind[row.value.id], lambda: count(query))

    def _selected(self, page: PageRequest, wanted: OrderFilter, sort: tuple[OrderSort, ...]) -> Page[Row]:
        rows, read = [], 0
        for snapshot in self._narrowed(wanted).limit(MAX_SELECTED + 1).stream(timeout=_SELECTED_TIMEOUT_S):
            read += 1
            fields = snapshot.to_dict() or {}
            item_ids = frozenset(fields.pop("item_ids"))
            row = Versioned(_summary(fields), snapshot)
            if wanted.admits(row.value, item_ids):
                rows.append(row)
        if read > MAX_SELECTED:
            raise TooManyOrders(wanted, MAX_SELECTED)
        rows.sort(key=lambda row: (row.value.order_date, row.value.po_number, row.value.id), reverse=True)
        for key in reversed(sort):
            rows.sort(key=lambda row: _sort_value(row.value, key.field), reverse=key.descending)
        first = page.offset if page.position is None else _place_behind(rows, page.position)
        listed = rows[first : first + page.size]
        following = listed[-1].value.id if first + page.size < len(rows) else None
        return Page(listed, following, len(rows))

    def _narrowed(self, wanted: OrderFilter) -> Any:
        """The orders that an index can tell, some of which the filter may not admit."""
        query = self._collection.select((*_SUMMARY, "item_ids"))
        number = wanted.search and _PO_NUMBER.fullmatch(wanted.search.strip())
        if number:
            return query.where(filter=FieldFilter("po_number", "==", number.group().upper()))
        names = _ordered_by(OrderField.ORDER_DATE)
        if wanted.overdue_on is not None:
            query = query.where(filter=FieldFilter("expected_delivery_date", "<", wanted.overdue_on.isoformat()))
            statuses = [status for status in wanted.statuses or OPEN_STATUSES if status in OPEN_STATUSES]
            wanted = replace(wanted, statuses=statuses or OPEN_STATUSES)
            names = _ordered_by(OrderField.EXPECTED_DELIVERY_DATE)
        if _disjunctions(wanted) > _MAX_DISJUNCTIONS:
            wanted = replace(wanted, supplier_ids=())
        query = _placed_between(self._equal(query, wanted), wanted)
        for name in names:
            query = query.order_by(name)
        return query

    def _equal(self, query: Any, wanted: OrderFilter) -> Any:
        if wanted.statuses:
            query = query.where(filter=FieldFilter("status", "in", [status.value for status in wanted.statuses]))
        if wanted.supplier_ids:
            query = query.where(filter=FieldFilter("supplier_id", "in", list(wanted.supplier_ids)))
        return query


def _placed_between(query: Any, wanted: OrderFilter) -> Any:
    for operator, order_date in ((">=", wanted.from_date), ("<=", wanted.to_date)):
        if order_date is not None:
            query = query.where(filter=FieldFilter("order_date", operator, order_date.isoformat()))
    return query


def _disjunctions(wanted: OrderFilter) -> int:
    return max(len(wanted.statuses), 1) * max(len(wanted.supplier_ids), 1)


def _ordered_by(field: OrderField) -> tuple[str, str]:
    """The fields of a query that is sorted by this one. A range of the order date needs it among them."""
    return (_FIELDS[field][0], "po_number" if field is OrderField.ORDER_DATE else "order_date")


def _sort_value(order: OrderSummary, field: OrderField) -> Any:
    if field is OrderField.SUPPLIER_NAME:
        return sorting_key(order.supplier_name)
    value = getattr(order, field.value)
    return dt.date.max if value is None else value


def _place_behind(rows: list[Row], order_id: str) -> int:
    for place, row in enumerate(rows):
        if row.value.id == order_id:
            return place + 1
    raise unknown_position()


def _summary(fields: Any) -> OrderSummary:
    held = {name: fields[name] for name in _SUMMARY}
    return OrderSummary(
        **held
        | {
            "status": OrderStatus(fields["status"]),
            "order_date": dt.date.fromisoformat(fields["order_date"]),
            "expected_delivery_date": date(fields["expected_delivery_date"]),
            "total_amount": Decimal(fields["total_amount"]),
        }
    )
