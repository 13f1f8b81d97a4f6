"""Tools about the whole: headline figures, how they went, and how good the forecasts were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.tools.call import ApiCall, get
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
    money,
    name,
    page,
    products_page,
    table,
    written,
)
from shared.tools.tool import Arguments, Limit, ReadingTool

Headline = Literal[
    "total_inventory_value",
    "sales_at_risk",
    "excess_value",
    "dead_stock_value",
    "understocked_value",
    "overstocked_value",
]


class Headlines(Arguments):
    location_id: Annotated[str | None, Field(max_length=200, description="Of this location alone.")] = None
    about: Annotated[Headline | None, Field(description="The figure that is asked for; default: all of them.")] = None


class Trends(Arguments):
    from_date: Annotated[dt.date | None, Field(description="From this day on.")] = None
    to_date: Annotated[dt.date | None, Field(description="Up to this day.")] = None
    location_id: Annotated[str | None, Field(max_length=200, description="Of this location alone.")] = None
    interval: Annotated[Literal["day", "week"], Field(description="A figure a day or a week.")] = "week"


class Accuracy(Arguments):
    group_by: Annotated[
        Literal["all", "item", "category", "demand_pattern", "engine", "lag", "recency"],
        Field(description="What the rows are of."),
    ] = "all"
    lag: Annotated[Literal[1, 7, 14, 28] | None, Field(description="Days that the forecast was made before.")] = None
    from_date: Annotated[dt.date | None, Field(description="From this day on.")] = None
    to_date: Annotated[dt.date | None, Field(description="Up to this day.")] = None
    item_id: Annotated[str | None, Field(max_length=500, description="Of this product alone.")] = None
    limit: Limit = 50


_HEADLINES = (
    ("total_inventory_value", "Stock value", Kind.MONEY),
    ("sales_at_risk", "Sales at risk", Kind.MONEY),
    ("excess_value", "Money in excess stock", Kind.MONEY),
    ("dead_stock_value", "Money in dead stock", Kind.MONEY),
    ("understocked_value", "Money in understocked products", Kind.MONEY),
    ("overstocked_value", "Money in overstocked products", Kind.MONEY),
    ("total_skus", "Products", Kind.COUNT),
    ("understocked_count", "Understocked", Kind.COUNT),
    ("overstocked_count", "Overstocked", Kind.COUNT),
    ("dead_stock_count", "Dead stock", Kind.COUNT),
    ("out_of_stock_count", "Out of stock", Kind.COUNT),
    ("average_dir", "The stock lasts", Kind.DAYS),
)


def _show_dashboard(given: Headlines, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    metrics = content["metrics"]
    figures = tuple(figure(label, metrics[field], kind, client) for field, label, kind in _HEADLINES)
    text = {field: shown.text for (field, _, _), shown in zip(_HEADLINES, figures, strict=True)}
    where = f" at {name(given.location_id)}" if given.location_id else ""
    sentence = (
        f"As of {day(content['as_of'])}{where}: {counted(metrics['total_skus'], 'product')} worth "
        f"{text['total_inventory_value']}. {text['understocked_count']} understocked, {text['out_of_stock_count']} out "
        f"of stock, {text['overstocked_count']} overstocked, {text['dead_stock_count']} dead. "
        f"{text['dead_stock_value']} are tied up in dead stock, {text['excess_value']} in all that is excess, and "
        f"{text['sales_at_risk']} of sales are at risk."
    )
    if given.about is not None:
        label = next(label for field, label, _ in _HEADLINES if field == given.about)
        sentence = f"{label}{where}: {text[given.about]}, as of {day(content['as_of'])}."
        figures = tuple(sorted(figures, key=lambda each: each.label != label))
    sentence += _against(metrics, content["week_before"], client)
    alerts = content["alerts"]
    columns = (Column("message", "Alert"), Column("count", "Products", Kind.COUNT), Column("severity", "Severity"))
    hrefs = [products_page("", {"alert": alert["code"]}).href for alert in alerts]
    links = (page("Home", "/"), products_page("Dead stock", {"status": "dead_stock"}))
    return Shown(sentence, figures, table(columns, alerts, hrefs, len(alerts)), links)


def _against(metrics: Mapping[str, Any], before: Mapping[str, Any] | None, client: ClientFacts) -> str:
    """What has become of the stock's value and of the sales at risk within the week."""
    if before is None:
        return ""
    parts = []
    for field, label in (("total_inventory_value", "stock value"), ("sales_at_risk", "sales at risk")):
        if before[field] is None:
            continue
        change = metrics[field] - before[field]
        word = "up" if change > 0 else "down"
        amount = money(abs(change), client.currency)
        parts.append(f"{label} {word} {amount}" if change else f"{label} unchanged")
    return f" Since {day(before['date'])}: {', '.join(parts)}." if parts else ""


_TREND = (
    Column("date", "Day", Kind.DATE),
    Column("inventory_value", "Stock value", Kind.MONEY),
    Column("dead_stock_value", "Dead stock", Kind.MONEY),
    Column("excess_value", "Excess", Kind.MONEY),
    Column("sales_at_risk", "Sales at risk", Kind.MONEY),
    Column("understocked", "Understocked", Kind.COUNT),
    Column("overstocked", "Overstocked", Kind.COUNT),
)


def _trends_call(given: Trends) -> ApiCall:
    return get("/analytics/inventory-trends", **given.model_dump(exclude_none=True))


def _show_trends(given: Trends, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    points = [point for point in content["items"] if point["inventory_value"] is not None]
    link = page("Home", "/")
    if not points:
        return Shown("There are no stored figures of that time.", links=(link,))
    first, last = points[0], points[-1]
    if first is last:
        value = written(last["inventory_value"], Kind.MONEY, client)
        sentence = f"Of that time there are figures of one day alone, {day(last['date'])}: stock of {value}."
        return Shown(sentence, links=(link,))
    figures = tuple(figure(column.label, last[column.name], column.kind, client) for column in _TREND[1:])
    start = written(first["inventory_value"], Kind.MONEY, client)
    end = written(last["inventory_value"], Kind.MONEY, client)
    change = last["inventory_value"] - first["inventory_value"]
    word = "rose" if change > 0 else "fell" if change < 0 else "stayed"
    days = f"from {day(first['date'])} to {day(last['date'])}"
    by = f" by {money(abs(change), client.currency)}" if change else ""
    sentence = f"The stock value {word}{by} {days}: from {start} to {end}."
    shown = table(_TREND, points, [None for _ in points], len(points))
    return Shown(sentence, figures, shown, (link,))


_ACCURACY = (
    Column("group", "Group"),
    Column("wape", "Error (WAPE)", Kind.SHARE),
    Column("bias", "Bias", Kind.SHARE),
    Column("fva", "Better than naive by", Kind.SHARE),
    Column("units", "Units sold", Kind.QUANTITY),
    Column("forecast_units", "Units expected", Kind.QUANTITY),
)


def _accuracy_call(given: Accuracy) -> ApiCall:
    return get(
        "/analytics/forecast-accuracy", **given.model_dump(exclude_none=True, exclude={"limit"}), page_size=given.limit
    )


def _show_accuracy(given: Accuracy, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows = [row for row in content["items"] if row["wape"] is not None]
    link = Link("Forecast quality", "/forecast-quality")
    period = f"{day(content['from_date'])} to {day(content['to_date'])}"
    if not rows:
        return Shown(f"No forecast can be compared with sales of {period} yet.", links=(link,))
    shown = table(_ACCURACY, rows, [None for _ in rows], content["total"])
    if given.group_by != "all":
        worst = max(rows, key=lambda row: row["wape"])
        error = written(worst["wape"], Kind.SHARE, client)
        sentence = f"Forecasts against sales, {period}. The largest error: {name(worst['group'] or 'all')}, {error}."
        return Shown(sentence, (figure("Largest error", worst["wape"], Kind.SHARE, client),), shown, (link,))
    row = rows[0]
    figures = _accuracy_figures(row, client)
    sentence = f"From {period} the forecasts were off by {figures[0].text} of what sold (WAPE)"
    if row["bias"] is not None:
        direction = "too high" if row["bias"] > 0 else "too low"
        sentence += f", in all {written(abs(row['bias']), Kind.SHARE, client)} {direction}"
    sentence += "."
    if row["fva"] is not None:
        better = "less" if row["fva"] >= 0 else "more"
        sentence += f" That is {written(abs(row['fva']), Kind.SHARE, client)} {better} than the naive forecast."
    if (value := content["fva_money"]) is not None:
        sentence += f" In stock that it saves: {written(value['amount'], Kind.MONEY, client)}."
    return Shown(sentence, figures, shown, (link,))


def _accuracy_figures(row: Mapping[str, Any], client: ClientFacts) -> tuple[Figure, ...]:
    return tuple(figure(column.label, row[column.name], column.kind, client) for column in _ACCURACY[1:])


DASHBOARD = ReadingTool(
    "dashboard",
    "Headline figures of all stock or of one location: stock value, sales at risk, money tied up in excess and in dead "
    "stock, how many products are understocked, out of stock, overstocked or dead, and what changed in a week.",
    Headlines,
    lambda given: get("/dashboard", location_id=given.location_id),
    _show_dashboard,
)
INVENTORY_TRENDS = ReadingTool(
    "inventory_trends",
    "How stock value, dead stock, excess and sales at risk went over time.",
    Trends,
    _trends_call,
    _show_trends,
)
FORECAST_ACCURACY = ReadingTool(
    "forecast_accuracy",
    "How good the forecasts were: error (WAPE), bias and what they are better than naive ones, overall or by group.",
    Accuracy,
    _accuracy_call,
    _show_accuracy,
)
TOOLS = (DASHBOARD, INVENTORY_TRENDS, FORECAST_ACCURACY)
