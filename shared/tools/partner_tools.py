"""Tools about suppliers and locations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

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
    name,
    order_href,
    orders_page,
    page,
    supplier_href,
    table,
    written,
)
from shared.tools.tool import Arguments, Limit, ReadingTool


class SupplierList(Arguments):
    search: Annotated[str | None, Field(max_length=200, description="Words that begin words of its name.")] = None
    max_lead_time_days: Annotated[int | None, Field(ge=0, le=1000, description="Lead time in days, at most.")] = None
    min_lead_time_days: Annotated[int | None, Field(ge=0, le=1000, description="Lead time in days, at least.")] = None
    sort: Annotated[str | None, Field(max_length=100, description="name, -lead_time_days, ...")] = None
    limit: Limit = 50


class OneSupplier(Arguments):
    supplier_id: Annotated[str, Field(min_length=1, max_length=200, description="The supplier's id.")]


class PerformanceOfSuppliers(Arguments):
    supplier_id: Annotated[list[str] | None, Field(max_length=20, description="Only these suppliers, by id.")] = None
    from_date: Annotated[dt.date | None, Field(description="Lines due on this day or later.")] = None
    to_date: Annotated[dt.date | None, Field(description="Lines due on this day or earlier.")] = None
    about: Annotated[Literal["reliability", "spend"], Field(description="What the answer says first.")] = "reliability"
    limit: Limit = 50


class LocationList(Arguments):
    search: Annotated[str | None, Field(max_length=200, description="Words of id, name, city or country.")] = None
    limit: Limit = 50


_SUPPLIERS = Link("Suppliers", "/suppliers")
_SUPPLIER_COLUMNS = (
    Column("name", "Supplier"),
    Column("supplier_id", "Id"),
    Column("lead_time_days", "Lead time", Kind.DAYS),
    Column("minimum_order_value", "Minimum order", Kind.MONEY),
    Column("payment_terms", "Payment"),
)


def _list_call(given: SupplierList) -> ApiCall:
    return get("/suppliers", **given.model_dump(exclude_none=True, exclude={"limit"}), page_size=given.limit)


def _show_suppliers(given: SupplierList, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows, total = content["items"], content["total"]
    figures = (figure("Suppliers", total, Kind.COUNT, client),)
    if not rows:
        return Shown("No such supplier.", figures, links=(_SUPPLIERS,))
    sentence = f"{counted(total, 'supplier')}. First is {name(rows[0]['name'])}."
    shown = table(_SUPPLIER_COLUMNS, rows, [supplier_href(row["supplier_id"]) for row in rows], total)
    return Shown(sentence, figures, shown, (_SUPPLIERS,))


def _show_supplier(given: OneSupplier, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    title = name(content["name"])
    figures = (
        figure("Lead time", content["lead_time_days"], Kind.DAYS, client),
        figure("Minimum order", content["minimum_order_value"], Kind.MONEY, client),
        figure("Products", len(content["products"]), Kind.COUNT, client),
    )
    parts = [f"{title} sells {'more than ' if content['more_products'] else ''}{len(content['products'])} products."]
    if content["lead_time_days"] is not None:
        parts.append(f"The lead time is {figures[0].text}.")
    if content["minimum_order_value"]:
        parts.append(f"An order is worth {figures[1].text} at least.")
    contact = [name(content[field]) for field in ("contact_name", "contact_email", "contact_phone") if content[field]]
    if contact:
        parts.append(f"Contact: {', '.join(contact)}.")
    if content["payment_terms"]:
        parts.append(f"Payment: {name(content['payment_terms'])}.")
    orders = content["orders"]
    columns = (
        Column("po_number", "Order"),
        Column("status", "Status"),
        Column("order_date", "Ordered", Kind.DATE),
        Column("expected_delivery_date", "Expected", Kind.DATE),
        Column("total_amount", "Total", Kind.MONEY),
    )
    shown = table(columns, orders, [order_href(order["id"]) for order in orders], len(orders))
    links = (Link(title, supplier_href(content["supplier_id"])), orders_page(supplier_id=given.supplier_id))
    return Shown(" ".join(parts), figures, shown, links)


_PERFORMANCE_COLUMNS = (
    Column("supplier_name", "Supplier"),
    Column("otif", "On time in full", Kind.SHARE),
    Column("lead_time_days_mean", "Lead time", Kind.DAYS),
    Column("lead_time_days_deviation", "Spread", Kind.DAYS),
    Column("fill_rate", "Fill rate", Kind.SHARE),
    Column("lines_due", "Lines due", Kind.COUNT),
    Column("spend", "Spend", Kind.MONEY),
)


def _show_performance(given: PerformanceOfSuppliers, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows = sorted(content["items"], key=lambda row: (row["otif"] is None, row["otif"] or 0))
    period = f"{day(content['from_date'])} to {day(content['to_date'])}"
    measured = [row for row in rows if row["otif"] is not None]
    if given.about == "spend" and len(rows) > 1:
        return _show_spend(rows, content, period, client)
    if not rows or not measured:
        return Shown(f"No delivery was due from {period}, so nothing can be measured.", links=(_SUPPLIERS,))
    shown = table(_PERFORMANCE_COLUMNS, rows, [supplier_href(row["supplier_id"]) for row in rows], content["total"])
    if len(rows) == 1:
        return Shown(f"{_one_performance(rows[0], client)} That is {period}.", _figures(rows[0], client), shown, ())
    worst, best = measured[0], measured[-1]
    sentence = (
        f"{counted(content['total'], 'supplier')}, {period}. Least reliable: {_title(worst)}, "
        f"{written(worst['otif'], Kind.SHARE, client)} on time in full; most reliable: {_title(best)}, "
        f"{written(best['otif'], Kind.SHARE, client)}."
    )
    figures = (
        figure(f"Least: {_title(worst)}", worst["otif"], Kind.SHARE, client),
        figure(f"Most: {_title(best)}", best["otif"], Kind.SHARE, client),
    )
    return Shown(sentence, figures, shown, (_SUPPLIERS,))


def _show_spend(
    rows: Sequence[Mapping[str, Any]], content: Mapping[str, Any], period: str, client: ClientFacts
) -> Shown:
    """What was received of each supplier, in money, the most first."""
    rows = sorted(rows, key=lambda row: -(row["spend"] or 0))
    total = figure("Spend", sum((row["spend"] or 0 for row in rows), Decimal(0)), Kind.MONEY, client)
    most = rows[0]
    sentence = f"Received from {counted(content['total'], 'supplier')}, {period}: {total.text}."
    if most["spend"]:
        sentence += f" Most from {_title(most)}: {written(most['spend'], Kind.MONEY, client)}."
    columns = (_PERFORMANCE_COLUMNS[0], _PERFORMANCE_COLUMNS[-1], *_PERFORMANCE_COLUMNS[1:-1])
    shown = table(columns, rows, [supplier_href(row["supplier_id"]) for row in rows], content["total"])
    return Shown(sentence, (total,), shown, (_SUPPLIERS,))


def _title(row: Mapping[str, Any]) -> str:
    return name(row["supplier_name"] or row["supplier_id"])


def _figures(row: Mapping[str, Any], client: ClientFacts) -> tuple[Any, ...]:
    return tuple(figure(column.label, row[column.name], column.kind, client) for column in _PERFORMANCE_COLUMNS[1:])


def _one_performance(row: Mapping[str, Any], client: ClientFacts) -> str:
    otif = written(row["otif"], Kind.SHARE, client)
    sentence = f"{_title(row)} delivered {otif} of {counted(row['lines_due'], 'line')} on time and in full."
    if row["lead_time_days_mean"] is not None:
        mean = written(row["lead_time_days_mean"], Kind.DAYS, client)
        sentence += f" From confirmation to delivery it took {mean} on average."
    if row["spend"] is not None:
        sentence += f" Spend: {written(row['spend'], Kind.MONEY, client)}."
    return sentence


def _show_locations(given: LocationList, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows, total = content["items"], content["total"]
    columns = (Column("name", "Location"), Column("location_id", "Id"), Column("type", "Type"), Column("city", "City"))
    shown = table(columns, rows, [None for _ in rows], total)
    figures = (figure("Locations", total, Kind.COUNT, client),)
    return Shown(f"{counted(total, 'location')}.", figures, shown, (page("Locations", "/locations"),))


LIST_SUPPLIERS = ReadingTool(
    "list_suppliers",
    "Suppliers, found by words of their name: ids, lead times, minimum order values.",
    SupplierList,
    _list_call,
    _show_suppliers,
)
SUPPLIER_DETAILS = ReadingTool(
    "supplier_details",
    "One supplier: contact, lead time, minimum order value, its latest orders.",
    OneSupplier,
    lambda given: get(f"/suppliers/{encoded(given.supplier_id)}"),
    _show_supplier,
)
SUPPLIER_PERFORMANCE = ReadingTool(
    "supplier_performance",
    "How reliable suppliers are: on time in full, measured lead time and its spread, fill rate, spend; worst first.",
    PerformanceOfSuppliers,
    lambda given: get(
        "/analytics/supplier-performance",
        **given.model_dump(exclude_none=True, exclude={"limit", "about"}),
        page_size=given.limit,
    ),
    _show_performance,
)
LIST_LOCATIONS = ReadingTool(
    "list_locations",
    "The client's warehouses and shops, found by words of id, name, city or country.",
    LocationList,
    lambda given: get("/locations", search=given.search, page_size=given.limit),
    _show_locations,
)
TOOLS = (LIST_SUPPLIERS, SUPPLIER_DETAILS, SUPPLIER_PERFORMANCE, LIST_LOCATIONS)
