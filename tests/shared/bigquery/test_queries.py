"""The named queries against plain Python over the same rows."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from shared.bigquery import demand_queries, forecast_queries
from shared.bigquery.tables import ALL_LOCATIONS, WINDOW_DAYS, WINDOW_QUANTILES
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from tests.support.forecasts import publish_forecast
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

YESTERDAY = TODAY - dt.timedelta(1)
Row = dict[str, Any]


def _sales() -> list[Row]:
    """Two items at two places for up to 100 days, with gaps, stockouts and days without a sale."""
    chance = random.Random(7)
    rows = []
    for item, place, days in (("a", "L", 100), ("a", "D", 40), ("b", "L", 20), ("c", "L", 60)):
        for day in range(1, days + 1):
            kind = chance.random()
            if kind < 0.2 or (item == "c" and day < 35):
                continue
            units = 0 if kind < 0.5 else chance.randint(1, 9)
            stock = None if kind > 0.8 else Decimal(0) if kind < 0.4 else Decimal(chance.randint(0, 5))
            key = {"item_id": item, "location_id": place, "date_local": TODAY - dt.timedelta(day)}
            revenue = None if day % 4 == 0 else Decimal(units * (30 + day)) / 10
            rows.append(key | {"units_sold": units, "revenue": revenue, "stock_on_date": stock})
    return rows


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    client = TestClient(running.base_url).create()
    client.sell(_sales())
    TestClient(running.base_url).create().sell(_sales())  # somebody else's, not to be counted
    publish_forecast(client, {"a": {"*": 3.0, "L": 2.0}, "b": 1.5}, run_id="wanted")
    publish_forecast(client, {"a": 99.0}, run_id="other")
    return client


def past_demand(shop: TestClient, first: dt.date, last: dt.date) -> dict[tuple[str, str], Row]:
    """Each series' past as BigQuery has it."""
    found = Warehouse(config(), shop.client_id).arrow(demand_queries.PAST_DEMAND, first=first, last=last)
    return {(row.pop("item_id"), row.pop("location_id")): row for row in found.to_pylist()}


def past(rows: list[Row], last: dt.date) -> dict[tuple[str, str], Row]:
    """Each series' past by its definition, a day at a time."""
    series: dict[tuple[str, str], dict[dt.date, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for place in (row["location_id"], ALL_LOCATIONS):
            series[row["item_id"], place][row["date_local"]].append(row)
    return {key: _moments(days, last) for key, days in series.items()}


def _moments(days: dict[dt.date, list[Row]], last: dt.date) -> Row:
    counted: list[int] = []
    day = last
    while len(counted) < 28 and day >= min(days):
        here = days.get(day, [])
        if not here or not all(row["stock_on_date"] == 0 and row["units_sold"] == 0 for row in here):
            counted.append(sum(row["units_sold"] for row in here))
        day -= dt.timedelta(1)
    sold = [day for day, here in days.items() if sum(row["units_sold"] for row in here) > 0]
    priced = {day: [row for row in here if row["revenue"] is not None] for day, here in days.items()}
    units = {day: sum(row["units_sold"] for row in here) for day, here in priced.items()}
    latest = sorted((day for day in units if units[day] > 0), reverse=True)[:90]
    brought = sum(row["revenue"] for day in latest for row in priced[day])
    empty = [day for day, here in days.items() if all(r["stock_on_date"] == 0 and r["units_sold"] == 0 for r in here)]
    known = (last - min(days)).days + 1 - len(empty)
    return {
        "first_record": min(days),
        "last_sale": max(sold, default=None),
        "units_sold_28d": sum(r["units_sold"] for day, here in days.items() if (last - day).days < 28 for r in here),
        "sale_price": round(brought / sum(units[day] for day in latest), 4) if latest else None,
        "usual_daily_demand": pytest.approx(sum(r["units_sold"] for here in days.values() for r in here) / known)
        if known
        else None,
        "days_per_sale": pytest.approx(known / len(sold)) if sold else None,
        "recent_units": sum(counted),
        "recent_squares": sum(units * units for units in counted),
        "recent_days": len(counted),
    }


def test_past_demand_is_what_going_back_day_by_day_gives(shop: TestClient) -> None:
    by_series = past_demand(shop, TODAY - dt.timedelta(730), YESTERDAY)
    assert by_series == past(_sales(), YESTERDAY)
    assert by_series["a", "L"]["recent_days"] == 28
    assert by_series["b", "L"]["recent_days"] < 28


def test_past_demand_does_not_look_beyond_its_window(shop: TestClient) -> None:
    first, last = TODAY - dt.timedelta(50), TODAY - dt.timedelta(10)
    inside = [row for row in _sales() if first <= row["date_local"] <= last]
    assert past_demand(shop, first, last) == past(inside, last)


def test_the_history_of_an_item_adds_its_locations_up(shop: TestClient) -> None:
    found = Warehouse(config(), shop.client_id).rows(
        demand_queries.ITEM_HISTORY, item_id="a", location_id="*", first=TODAY - dt.timedelta(30), last=YESTERDAY
    )
    expected: dict[dt.date, Decimal] = defaultdict(Decimal)
    for row in _sales():
        if row["item_id"] == "a" and row["date_local"] >= TODAY - dt.timedelta(30):
            expected[row["date_local"]] += row["units_sold"]
    assert [(row.date_local, row.units_sold) for row in found] == sorted(expected.items())


def test_a_forecast_is_that_of_its_run(shop: TestClient) -> None:
    warehouse, run = Warehouse(config(), shop.client_id), Row(run_date=TODAY, run_id="wanted")
    series = warehouse.arrow(forecast_queries.FORECAST_CURVES, **run).to_pylist()
    curves = {(row["item_id"], row["location_id"]): row for row in series}
    assert {key: (row["forecast_start"], row["daily"]) for key, row in curves.items()} == {
        ("a", "*"): (TODAY, [3.0] * 90),
        ("a", "L"): (TODAY, [2.0] * 90),
        ("b", "*"): (TODAY, [1.5] * 90),
    }
    assert curves["a", "L"]["window_days"] == list(WINDOW_DAYS)
    assert curves["a", "L"]["window_quantiles"] == pytest.approx(
        [2 * level * 2.0 * days for days in WINDOW_DAYS for level in WINDOW_QUANTILES]
    )
    days = warehouse.rows(forecast_queries.ITEM_FORECAST, item_id="a", location_id="*", **run)
    assert [(row.date_local, row.mean) for row in days] == [(TODAY + dt.timedelta(day), 3.0) for day in range(90)]
    classes = warehouse.arrow(forecast_queries.CLASSES, **run).to_pylist()
    assert {row["item_id"]: row["abc"] for row in classes} == {"a": "A", "b": "A"}


WEEKS = 8
REFERENCE = (TODAY - dt.timedelta(weeks=WEEKS), YESTERDAY)


def _days_of_items(items: tuple[str, ...]) -> dict[tuple[str, dt.date], list[Row]]:
    days: dict[tuple[str, dt.date], list[Row]] = defaultdict(list)
    for row in _sales():
        if row["item_id"] in items:
            days[row["item_id"], row["date_local"]].append(row)
    return days


def _is_out(here: list[Row]) -> bool:
    return all(row["stock_on_date"] == 0 and row["units_sold"] == 0 for row in here)


def _usual(items: tuple[str, ...]) -> dict[tuple[str, int], float]:
    """The mean of each item's ISO weekdays over whole weeks, days out of stock left out."""
    usual: dict[tuple[str, int], float] = {}
    for item in items:
        for weekday in range(1, 8):
            mine = [
                here
                for (other, day), here in _days_of_items(items).items()
                if other == item and day >= REFERENCE[0] and day.isoweekday() == weekday
            ]
            out = sum(_is_out(here) for here in mine)
            if mine and out < WEEKS:
                usual[item, weekday] = sum(row["units_sold"] for here in mine for row in here) / (WEEKS - out)
    return usual


def rows_in(item_id: str, first: dt.date, last: dt.date) -> list[Row]:
    return [row for row in _sales() if row["item_id"] == item_id and first <= row["date_local"] <= last]


def test_sales_around_a_campaign_are_sums_of_its_spans_and_means_of_whole_weeks(shop: TestClient) -> None:
    items, nothing = ("a", "b", "c", "none"), (dt.date.max, dt.date.min)
    spans = {
        "before": (TODAY - dt.timedelta(90), TODAY - dt.timedelta(30)),  # begins before the reference
        "during": (TODAY - dt.timedelta(29), TODAY - dt.timedelta(2)),
        "after": nothing,
        "reference": REFERENCE,
    }
    found = Warehouse(config(), shop.client_id).rows(
        demand_queries.SALES_AROUND_CAMPAIGN,
        item_ids=items,
        first=TODAY - dt.timedelta(90),
        last=YESTERDAY,
        weeks=WEEKS,
        **{f"{name}_first": first for name, (first, _) in spans.items()},
        **{f"{name}_last": last for name, (_, last) in spans.items()},
    )
    usual = _usual(items)
    assert {row.item_id for row in found} == {"a", "b", "c"}
    for row in found:
        for span, units in (("before", row.units_before), ("during", row.units_during), ("after", row.units_after)):
            first, last = spans[span]
            assert units == sum(each["units_sold"] for each in rows_in(row.item_id, first, last))
        priced = [each for each in rows_in(row.item_id, *spans["during"]) if each["revenue"] is not None]
        assert row.priced_units_during == sum(each["units_sold"] for each in priced)
        assert row.is_in_reference
        by_weekday = [usual.get((row.item_id, weekday), 0.0) for weekday in range(1, 8)]
        assert list(row[-7:]) == pytest.approx(by_weekday)


def test_days_before_a_campaign_say_what_stockouts_missed(shop: TestClient) -> None:
    items = ("a", "b", "none")
    found = Warehouse(config(), shop.client_id).rows(
        demand_queries.DAYS_BEFORE_CAMPAIGN, item_ids=items, first=REFERENCE[0], last=REFERENCE[1], weeks=WEEKS
    )
    usual = _usual(items)
    units: dict[dt.date, float] = defaultdict(float)
    missed: dict[dt.date, float] = defaultdict(float)
    for (item, day), here in _days_of_items(items).items():
        if day >= REFERENCE[0]:
            units[day] += sum(row["units_sold"] for row in here)
            missed[day] += usual.get((item, day.isoweekday()), 0.0) if _is_out(here) else 0.0
    assert {row.date_local: row.units for row in found} == units
    assert {row.date_local: row.missed for row in found} == pytest.approx(missed)
    assert any(missed.values())


def test_what_a_run_expects_of_items_until_a_day_and_in_all(shop: TestClient) -> None:
    found = Warehouse(config(), shop.client_id).rows(
        forecast_queries.EXPECTED_OF_ITEMS,
        item_ids=["a", "b", "c"],
        run_date=TODAY,
        run_id="wanted",
        first=TODAY + dt.timedelta(85),
        last=TODAY + dt.timedelta(94),
        end_date=TODAY + dt.timedelta(86),
    )
    shown = {row.item_id: (row.days, row.units, row.units_until_end) for row in found}
    assert shown == {"a": (5, 15, 6), "b": (5, 7.5, 3)}
