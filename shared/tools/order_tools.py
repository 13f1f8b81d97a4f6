"""Tools about purchase orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.domain.purchasing.order_status import OrderStatus
from shared.tools.call import ApiCall, encoded, get
from shared.tools.showing import (
    ClientFacts,
    Column,
    Kind,
    Link,
    Shown,
    counted,
    day,
    figure,
    listed,
    name,
    order_href,
    orders_page,
    product_href,
    quantity,
    supplier_href,
    table,
)
from shared.tools.tool import MAX_ROWS, Arguments, Limit, ReadingTool

OrderSort = Literal[
    "order_date", "-order_date", "expected_delivery_date", "-expected_delivery_date", "total_amount", "-total_amount"
]


class OrderList(Arguments):
    """Which orders are meant; conditions narrow together."""

    status: Annotated[list[OrderStatus] | None, Field(description="In one of these statuses.")] = None
    supplier_id: Annotated[list[str] | None, Field(max_length=20, description="With these suppliers, by id.")] = None
    overdue: Annotated[bool | None, Field(description="true: those alone whose delivery is late.")] = None
    from_date: Annotated[dt.date | None, Field(description="Placed on this day or later.")] = None
    to_date: Annotated[dt.date | None, Field(description="Placed on this day or earlier.")] = None
    expected_from: Annotated[dt.date | None, Field(description="Expected on this day or later.")] = None
    expected_to: Annotated[dt.date | None, Field(description="Expected on this day or earlier.")] = None
    search: Annotated[
        str | None, Field(min_length=1, max_length=200, description="Part of a PO number, supplier or item.")
    ] = None
    sort: Annotated[OrderSort | None, Field(description="Order of the rows.")] = None
    limit: Limit = 20


class OneOrder(Arguments):
    order_id: Annotated[str, Field(min_length=1, max_length=200, description="The order's id.")]


_COLUMNS = (
    Column("po_number", "Number"),
    Column("supplier_name", "Supplier"),
    Column("status", "Status"),
    Column("order_date", "Ordered", Kind.DATE),
    Column("expected_delivery_date", "Expected", Kind.DATE),
    Column("outstanding_line_count", "Lines to come", Kind.COUNT),
    Column("total_amount", "Total", Kind.MONEY),
)


def _list_call(given: OrderList) -> ApiCall:
    """The endpoint has no filter for the day on which an order is expected: the next 200 to come are looked at."""
    conditions = given.model_dump(exclude_none=True, exclude={"limit", "expected_from", "expected_to"})
    if _of_days(given):
        return get("/purchase-orders", **{**conditions, "sort": "expected_delivery_date"}, page_size=MAX_ROWS)
    return get("/purchase-orders", **conditions, page_size=given.limit)


def _of_days(given: OrderList) -> bool:
    return given.expected_from is not None or given.expected_to is not None


def _expected(given: OrderList, row: Mapping[str, Any]) -> bool:
    expected = row["expected_delivery_date"]
    if expected is None:
        return False
    date = dt.date.fromisoformat(expected)
    return (given.expected_from or date) <= date <= (given.expected_to or date)


def _show_list(given: OrderList, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows, total = content["items"], content["total"]
    if _of_days(given):
        rows = [row for row in rows if _expected(given, row)]
        total = len(rows)
    link = orders_page(status=given.status, supplier_id=given.supplier_id, overdue=given.overdue)
    words = _conditions(given, rows)
    figures = [figure("Orders", total, Kind.COUNT, client)]
    if not rows:
        return Shown(f"No orders{words}.", tuple(figures), links=(link,))
    amount = sum((row["total_amount"] for row in rows), Decimal(0))
    label = "Total" if total <= len(rows) else f"Total of the {len(rows)} shown"
    figures.append(figure(label, amount, Kind.MONEY, client))
    sentence = f"{counted(total, 'order')}{words}. {label}: {figures[1].text}."
    if (next_row := _next(rows, client)) is not None:
        expected = day(next_row["expected_delivery_date"])
        sentence += f" Next is {next_row['po_number']} of {name(next_row['supplier_name'])}, expected {expected}."
    shown = table(_COLUMNS, rows, [order_href(row["id"]) for row in rows], total)
    return Shown(sentence, tuple(figures), shown, (link,))


def _next(rows: list[Mapping[str, Any]], client: ClientFacts) -> Mapping[str, Any] | None:
    """The order that is expected next; None where none is."""
    today = client.today.isoformat()
    coming = [row for row in rows if row["outstanding_line_count"] and (row["expected_delivery_date"] or "") >= today]
    return min(coming, key=lambda row: row["expected_delivery_date"], default=None)


def _conditions(given: OrderList, rows: list[Mapping[str, Any]]) -> str:
    parts = []
    if given.overdue:
        parts.append("overdue")
    if given.status:
        parts.append(listed([status.value.replace("_", " ") for status in given.status], "or"))
    if given.supplier_id:
        names = {row["supplier_id"]: row["supplier_name"] for row in rows}
        parts.append(f"with {listed([name(names.get(each, each)) for each in given.supplier_id], 'or')}")
    if given.from_date:
        parts.append(f"placed from {day(given.from_date)}")
    if given.to_date:
        parts.append(f"placed until {day(given.to_date)}")
    if given.expected_from or given.expected_to:
        days = [f"from {day(given.expected_from)}"] if given.expected_from else []
        days += [f"to {day(given.expected_to)}"] if given.expected_to else []
        parts.append(f"expected {' '.join(days)}")
    if given.search:
        parts.append(f"matching “{name(given.search)}”")
    return f": {', '.join(parts)}" if parts else ""


_LINES = (
    Column("product_name", "Product"),
    Column("item_id", "Item"),
    Column("quantity", "Ordered", Kind.QUANTITY),
    Column("received", "Received", Kind.QUANTITY),
    Column("outstanding", "To come", Kind.QUANTITY),
    Column("total_price", "Total", Kind.MONEY),
)


def _show_order(given: OneOrder, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    lines = content["items"]
    figures = (
        figure("Total", content["total_amount"], Kind.MONEY, client),
        figure("Lines", content["line_count"], Kind.COUNT, client),
        figure("Lines to come", content["outstanding_line_count"], Kind.COUNT, client),
        figure("Expected", content["expected_delivery_date"], Kind.DATE, client),
    )
    sentence = f"{content['po_number']} with {name(content['supplier_name'])} is {content['status'].replace('_', ' ')}"
    sentence += (
        f": {counted(content['line_count'], 'line')} for {figures[0].text}, ordered {day(content['order_date'])}"
    )
    if content["expected_delivery_date"]:
        expected = dt.date.fromisoformat(content["expected_delivery_date"])
        late = expected < client.today and content["outstanding_line_count"] > 0
        sentence += f", expected {day(expected)}" + (", which has passed" if late else "")
    sentence += "."
    to_come = [line for line in lines if line["outstanding"] > 0 and line["received"] > 0]
    if to_come:
        parts = [f"{quantity(line['outstanding'])} of {name(line['product_name'])}" for line in to_come[:3]]
        sentence += f" Still to come: {listed(parts)}."
    links = (
        Link(content["po_number"], order_href(content["id"])),
        Link(name(content["supplier_name"]), supplier_href(content["supplier_id"])),
    )
    shown = table(_LINES, lines, [product_href(line["item_id"]) for line in lines], len(lines))
    return Shown(sentence, figures, shown, links)


LIST_ORDERS = ReadingTool(
    "list_orders",
    "Purchase orders by status, supplier, day, overdue or a text; what is on its way, late, received, and its total.",
    OrderList,
    _list_call,
    _show_list,
)
ORDER_DETAILS = ReadingTool(
    "order_details",
    "One purchase order with its lines: what was ordered, what has arrived, what is still to come.",
    OneOrder,
    lambda given: get(f"/purchase-orders/{encoded(given.order_id)}"),
    _show_order,
)
TOOLS = (LIST_ORDERS, ORDER_DETAILS)
