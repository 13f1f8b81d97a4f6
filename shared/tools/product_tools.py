"""Tools about products: lists under conditions, one of them, and why its figures are what they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.domain.planning.stock_status import Lifecycle, StockStatus
from shared.tools.call import ApiCall, encoded, get
from shared.tools.product_conditions import conditions_in_words
from shared.tools.showing import (
    ClientFacts,
    Column,
    Figure,
    Kind,
    Link,
    Shown,
    counted,
    day,
    figure,
    listed,
    name,
    order_href,
    product_href,
    products_page,
    quantity,
    supplier_href,
    table,
    written,
)
from shared.tools.tool import Arguments, Limit, ReadingTool

Ids = Annotated[list[str], Field(max_length=20)]
Days = Annotated[float, Field(ge=0, le=100_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[Decimal, Field(ge=0, le=1_000_000_000_000)]
Alert = Literal["stockout_imminent", "out_of_stock", "dead_stock", "needs_review", "no_forecast"]
SortColumn = Literal[
    "product_name",
    "current_stock",
    "dir",
    "stockout_risk",
    "sales_at_risk",
    "excess_value",
    "inventory_value",
    "unit_cost",
    "last_sale",
    "expected_daily_demand",
    "lead_time_days",
    "on_order",
]


class ProductConditions(Arguments):
    """Conditions narrow together; several values of one mean any of them."""

    status: Annotated[list[StockStatus] | None, Field(description="Stock status.")] = None
    supplier_id: Annotated[Ids | None, Field(description="Ordered from one of these suppliers, by id.")] = None
    category: Annotated[Ids | None, Field(description="In one of these categories, by name.")] = None
    location_id: Annotated[
        Ids | None, Field(description="At one of these locations, by id: figures are the location's own then.")
    ] = None
    item_id: Annotated[Ids | None, Field(description="These products, by id.")] = None
    search: Annotated[str | None, Field(max_length=200, description="Text in id, sku, name or category.")] = None
    alert: Annotated[Alert | None, Field(description="Counted by this alert of the dashboard.")] = None
    lifecycle: Annotated[list[Lifecycle] | None, Field(description="How it sells.")] = None
    abc: Annotated[list[Literal["A", "B", "C"]] | None, Field(description="A brings most of the revenue.")] = None
    min_dir: Annotated[Days | None, Field(description="Stock lasts at least so many days.")] = None
    max_dir: Annotated[Days | None, Field(description="Stock lasts at most so many days: it runs out by then.")] = None
    min_stockout_risk: Annotated[Share | None, Field(description="Stockout risk, 0 to 1, at least.")] = None
    min_current_stock: Annotated[Amount | None, Field(description="Units in stock, at least.")] = None
    max_current_stock: Annotated[float | None, Field(description="Units in stock, at most; 0: none.")] = None
    min_on_order: Annotated[Amount | None, Field(description="Units on order, at least.")] = None
    max_on_order: Annotated[Amount | None, Field(description="Units on order, at most; 0: nothing.")] = None
    min_sales_at_risk: Annotated[Amount | None, Field(description="Money of sales at risk, at least.")] = None
    min_excess_value: Annotated[Amount | None, Field(description="Money in excess stock, at least.")] = None
    min_inventory_value: Annotated[Amount | None, Field(description="Money in stock, at least.")] = None
    min_unit_cost: Annotated[Amount | None, Field(description="Cost of a unit, at least.")] = None
    max_unit_cost: Annotated[Amount | None, Field(description="Cost of a unit, at most.")] = None
    min_lead_time_days: Annotated[int | None, Field(ge=0, le=1000, description="Lead time in days, at least.")] = None
    max_lead_time_days: Annotated[int | None, Field(ge=0, le=1000, description="Lead time in days, at most.")] = None
    min_last_sale: Annotated[dt.date | None, Field(description="Last sold on this day or later.")] = None
    max_last_sale: Annotated[dt.date | None, Field(description="Last sold on this day or earlier.")] = None
    needs_review: Annotated[bool | None, Field(description="Whether its master data is to be completed.")] = None
    do_not_order: Annotated[bool | None, Field(description="Whether it is blocked from ordering.")] = None

    @property
    def query(self) -> dict[str, object]:
        """What GET /products, and the console's list, take."""
        given = self.model_dump(exclude_none=True, exclude={"sort", "limit"})
        return {**given, **({"sort": sort} if (sort := self.sorted_by) else {})}

    @property
    def sorted_by(self) -> str | None:
        return None


class ProductList(ProductConditions):
    """Conditions with an order and a number of rows."""

    sort: Annotated[SortColumn | None, Field(description="The column that rows are sorted by.")] = None
    descending: Annotated[bool, Field(description="The highest first.")] = True
    limit: Limit = 20

    @property
    def query(self) -> dict[str, object]:
        given = self.model_dump(exclude_none=True, exclude={"sort", "descending", "limit"})
        return {**given, **({"sort": self.sorted_by} if self.sorted_by else {})}

    @property
    def sorted_by(self) -> str | None:
        return None if self.sort is None else f"{'-' if self.descending else ''}{self.sort}"


class OneProduct(Arguments):
    item_id: Annotated[str, Field(min_length=1, max_length=500, description="The product's item_id.")]


class OneProductSomewhere(OneProduct):
    location_id: Annotated[str | None, Field(description="At this location instead of all together.")] = None


class CategoryList(Arguments):
    limit: Limit = 200


_NAME = Column("product_name", "Product")
_ITEM = Column("item_id", "Item")
_STOCK = Column("current_stock", "In stock", Kind.QUANTITY)
_DIR = Column("dir", "Lasts", Kind.DAYS)
_RISK = Column("stockout_risk", "Stockout risk", Kind.SHARE)
_COLUMNS = {
    "supplier_name": Column("supplier_name", "Supplier"),
    "category": Column("category", "Category"),
    "location_id": Column("location_id", "Location"),
    "status": Column("status", "Status"),
    "sales_at_risk": Column("sales_at_risk", "Sales at risk", Kind.MONEY),
    "excess_value": Column("excess_value", "Excess", Kind.MONEY),
    "inventory_value": Column("inventory_value", "Stock value", Kind.MONEY),
    "unit_cost": Column("unit_cost", "Unit cost", Kind.UNIT_MONEY),
    "last_sale": Column("last_sale", "Last sale", Kind.DATE),
    "on_order": Column("on_order", "On order", Kind.QUANTITY),
    "lead_time_days": Column("lead_time_days", "Lead time", Kind.DAYS),
    "expected_daily_demand": Column("expected_daily_demand", "Sells a day", Kind.QUANTITY),
}
_ADDED_UP = ("sales_at_risk", "excess_value", "inventory_value")


def _list_call(given: ProductList) -> ApiCall:
    return get("/products", **given.query, page_size=given.limit)


def _show_list(given: ProductList, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows, total = content["items"], content["total"]
    words = conditions_in_words(given.query, rows, client)
    page = products_page("Products", given.query)
    figures = [figure("Products", total, Kind.COUNT, client)]
    if not rows:
        return Shown(f"No products{f': {words}' if words else ''}.", tuple(figures), links=(page,))
    sentence = f"{counted(total, 'product')}{f': {words}' if words else ''}."
    money = next((column for column in (given.sort, *_ADDED_UP) if column in _ADDED_UP and _asked(given, column)), None)
    if money is not None:
        column = _COLUMNS[money]
        amount = sum((row[money] for row in rows), Decimal(0))
        label = column.label if total <= len(rows) else f"{column.label} of the {len(rows)} shown"
        figures.append(figure(label, amount, Kind.MONEY, client))
        sentence += f" {label}: {figures[-1].text}."
    first = rows[0]
    if total > 1 and given.sort is not None:
        sentence += f" First is {name(first['product_name'])}."
    elif total == 1:
        sentence += f" It is {name(first['product_name'])}."
    columns = _list_columns(given, rows)
    return Shown(
        sentence,
        tuple(figures),
        table(columns, rows, [product_href(row["item_id"]) for row in rows], total),
        (page,),
    )


def _asked(given: ProductList, column: str) -> bool:
    return given.sort == column or getattr(given, f"min_{column}") is not None


def _list_columns(given: ProductList, rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """What is always shown, and what the conditions and the order are about."""
    asked = [given.sort] + [
        field.removeprefix("min_").removeprefix("max_")
        for field in given.model_dump(exclude_none=True, exclude={"supplier_id", "limit", "descending", "sort"})
    ]
    if len({row["supplier_id"] for row in rows}) > 1:
        asked.append("supplier_name")
    further = [_COLUMNS[each] for each in dict.fromkeys(asked) if each in _COLUMNS]
    return [_NAME, _ITEM, _STOCK, _DIR, _RISK, *further]


def _show_product(given: OneProduct, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    title = name(content["product_name"])
    figures = [
        figure("In stock", content["current_stock"], Kind.QUANTITY, client),
        figure("On order", content["on_order"], Kind.QUANTITY, client),
        figure("Lasts", content["dir"], Kind.DAYS, client),
        figure("Stockout risk", content["stockout_risk"], Kind.SHARE, client),
        figure("Sells a day", content["expected_daily_demand"], Kind.QUANTITY, client),
        figure("Expected in 30 days", content["forecasted_demand_30d"], Kind.QUANTITY, client),
        figure("Stock value", content["inventory_value"], Kind.MONEY, client),
        figure("Unit cost", content["unit_cost"], Kind.UNIT_MONEY, client),
        figure("Lead time", content["lead_time_days"], Kind.DAYS, client),
    ]
    places = content["stock_per_location"]
    sentences = [_stock_sentence(title, content, client)]
    if len(places) > 1:
        held = [f"{quantity(row['current_stock'])} at {name(row['location_id'])}" for row in places]
        sentences.append(f"There are {listed(held[:6])}{' and more' if len(held) > 6 else ''}.")
    sentences.append(_orders_sentence(content["orders"]))
    if content["suppliers"]:
        names = [name(terms["supplier_name"]) for terms in content["suppliers"]]
        sentences.append(f"It comes from {listed(names[:5])}.")
    planning = content["planning"] or {}
    if planning.get("do_not_order"):
        until = planning.get("do_not_order_until")
        sentences.append(f"It is not to be ordered{f' until {day(until)}' if until else ''}.")
    links = [Link(title, product_href(given.item_id))]
    if content["supplier_id"]:
        links.append(Link(name(content["supplier_name"] or "Supplier"), supplier_href(content["supplier_id"])))
    links += [Link(order["po_number"], order_href(order["id"])) for order in content["orders"]["items"][:3]]
    columns = [Column("location_id", "Location"), _STOCK, _DIR, _RISK, _COLUMNS["status"]]
    href = product_href(given.item_id)
    shown = table(columns, places, [href for _ in places], len(places))
    return Shown(" ".join(filter(None, sentences)), tuple(figures), shown, tuple(links))


def _stock_sentence(title: str, row: Mapping[str, Any], client: ClientFacts) -> str:
    units = quantity(row["current_stock"])
    if row["dir"] is None:
        return f"{title}: {units} in stock, of which nothing is expected to sell."
    lasts = written(row["dir"], Kind.DAYS, client)
    risk = written(row["stockout_risk"], Kind.SHARE, client)
    until = client.today + dt.timedelta(int(row["dir"]))
    by = f", until {day(until)}" if 0 < row["dir"] < 999 else ""
    return f"{title}: {units} in stock, which last {lasts}{by}. The stockout risk is {risk}."


def _orders_sentence(orders: Mapping[str, Any]) -> str:
    open_orders = [order for order in orders["items"] if order["outstanding"] > 0]
    if not open_orders:
        return "Nothing is on order."
    parts = [
        f"{quantity(order['outstanding'])} of {order['po_number']}"
        + (f", expected {day(order['expected_delivery_date'])}" if order["expected_delivery_date"] else "")
        for order in open_orders[:3]
    ]
    more = f"; and {counted(len(open_orders) - 3, 'more order')}" if len(open_orders) > 3 else ""
    return f"On its way: {'; '.join(parts)}{more}."


def _metrics_call(given: OneProductSomewhere) -> ApiCall:
    return get(f"/products/{encoded(given.item_id)}/metrics", location_id=given.location_id)


def _show_metrics(given: OneProductSomewhere, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    basis = content["computed_from"]
    figures = _metric_figures(content, basis, client)
    units = quantity(basis["current_stock"])
    daily = Decimal(content["expected_daily_demand"])
    lasts = written(content["dir"], Kind.DAYS, client)
    outlook = (
        f"{quantity(round(daily, 2))} a day expected to sell, so that lasts {lasts}."
        if content["dir"] is not None
        else "and nothing is expected to sell."
    )
    sentences = [f"The status is {content['status'].replace('_', ' ')}: {units} in stock, {outlook}"]
    window = basis["risk_window"]["days"]
    sentences.append(
        f"With {counted(basis['lead_time_days'], 'day')} from order to delivery and a buffer of "
        f"{counted(basis['safety_buffer_days'], 'day')}, the chance of running out within {counted(window, 'day')} is "
        f"{written(content['stockout_risk'], Kind.SHARE, client)}."
    )
    if basis["receipts_due"]:
        sentences.append(f"{quantity(basis['receipts_due'])} on order arrive in that time.")
    if content["reorder_quantity"] > 0:
        suggested = quantity(content["reorder_quantity"])
        sentences.append(f"It is ordered up to {quantity(content['order_up_to'])}, so {suggested} is suggested.")
    else:
        sentences.append("No order is suggested now.")
    thresholds = f"{basis['understocked_threshold']} and {basis['overstocked_threshold']} days"
    sentences.append(f"Understocked and overstocked begin at {thresholds}.")
    return Shown(" ".join(sentences), figures, links=(Link("Product", product_href(given.item_id)),))


def _metric_figures(content: Mapping[str, Any], basis: Mapping[str, Any], client: ClientFacts) -> tuple[Figure, ...]:
    return (
        figure("In stock", basis["current_stock"], Kind.QUANTITY, client),
        figure("On order", basis["on_order"], Kind.QUANTITY, client),
        figure("Committed", basis["committed"], Kind.QUANTITY, client),
        figure("Lasts", content["dir"], Kind.DAYS, client),
        figure("Stockout risk", content["stockout_risk"], Kind.SHARE, client),
        figure("Sells a day", content["expected_daily_demand"], Kind.QUANTITY, client),
        figure("Order up to", content["order_up_to"], Kind.QUANTITY, client),
        figure("Suggested order", content["reorder_quantity"], Kind.QUANTITY, client),
        figure("Service level", content["service_level"], Kind.SHARE, client),
        figure("Sales at risk", content["sales_at_risk"], Kind.MONEY, client),
        figure("Excess", content["excess_value"], Kind.MONEY, client),
    )


_TERMS = (
    Column("supplier_name", "Supplier"),
    Column("supplier_cost", "Unit cost", Kind.UNIT_MONEY),
    Column("lead_time_days", "Lead time", Kind.DAYS),
    Column("moq", "Minimum", Kind.QUANTITY),
    Column("packaging_qty", "Pack", Kind.QUANTITY),
    Column("is_primary", "Primary"),
)


def _show_terms(given: OneProduct, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows = content["items"]
    link = Link("Product", product_href(given.item_id))
    if not rows:
        return Shown("No supplier is linked to it.", links=(link,))
    cheapest = min(rows, key=lambda row: row["supplier_cost"])
    fastest = min(rows, key=lambda row: row["lead_time_days"])
    cost = written(cheapest["supplier_cost"], Kind.UNIT_MONEY, client)
    sentence = f"{counted(content['total'], 'supplier sells', 'suppliers sell')} it."
    sentence += f" {name(cheapest['supplier_name'])} is the cheapest at {cost} a unit"
    sentence += f", {name(fastest['supplier_name'])} the fastest with {counted(fastest['lead_time_days'], 'day')}."
    shown = table(_TERMS, rows, [supplier_href(row["supplier_id"]) for row in rows], content["total"])
    return Shown(sentence, table=shown, links=(link,))


def _show_categories(given: CategoryList, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows = content["items"]
    columns = (Column("category", "Category"), Column("count", "Products", Kind.COUNT))
    hrefs = [products_page("", {"category": [row["category"]]}).href for row in rows]
    sentence = f"{counted(content['total'], 'category', 'categories')}."
    if rows:
        largest = max(rows, key=lambda row: row["count"])
        sentence += f" The largest is {name(largest['category'])} with {counted(largest['count'], 'product')}."
    figures = (figure("Categories", content["total"], Kind.COUNT, client),)
    return Shown(sentence, figures, table(columns, rows, hrefs, content["total"]), (products_page("Products"),))


LIST_PRODUCTS = ReadingTool(
    "list_products",
    "Products under conditions (status, supplier, category, location, days until they run out, risk, money), sorted: "
    "what runs out, is out of stock, overstocked, dead, not selling. Tells how many there are, and adds up the money "
    "that they are sorted by.",
    ProductList,
    _list_call,
    _show_list,
)
PRODUCT_DETAILS = ReadingTool(
    "product_details",
    "One product: stock per location, days that it lasts, demand and forecast, suppliers, orders on their way.",
    OneProduct,
    lambda given: get(f"/products/{encoded(given.item_id)}", days=30),
    _show_product,
)
PRODUCT_METRICS = ReadingTool(
    "product_metrics",
    "Why a product has its status, its risk and its suggested order: each metric and what it was computed from.",
    OneProductSomewhere,
    _metrics_call,
    _show_metrics,
)
PRODUCT_SUPPLIERS = ReadingTool(
    "product_suppliers",
    "Who sells a product, on which terms: cost, lead time, minimum, pack.",
    OneProduct,
    lambda given: get(f"/products/{encoded(given.item_id)}/suppliers", page_size=50),
    _show_terms,
)
LIST_CATEGORIES = ReadingTool(
    "list_categories",
    "The categories of products, each with its number of products.",
    CategoryList,
    lambda given: get("/products/categories", page_size=given.limit),
    _show_categories,
)
TOOLS = (LIST_PRODUCTS, PRODUCT_DETAILS, PRODUCT_METRICS, PRODUCT_SUPPLIERS, LIST_CATEGORIES)
