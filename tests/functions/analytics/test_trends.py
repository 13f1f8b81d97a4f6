"""Stock over time, against sums over the same rows."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.planning.stock_status import StockStatus
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.metrics_rows import metrics_row, put_metrics
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

PATH = "/analytics/inventory-trends"
DAY = dt.timedelta(1)
Row = dict[str, Any]


def metrics() -> list[Row]:
    """Three items, as a whole and at a place, on most of 40 days."""
    chance = random.Random(3)

    def hundredths(most: int) -> float:
        return chance.randint(0, most) / 100

    return [
        metrics_row(
            TODAY - ago * DAY,
            item,
            place,
            status=chance.choice(list(StockStatus)).value,
            current_stock=chance.randint(0, 5000) / 1000,
            on_order=hundredths(900),
            inventory_value=hundredths(100_000),
            unit_cost=hundredths(900),
            expected_daily_demand=chance.choice([0.0, 0.5, 3.25]),
            sales_at_risk=None if ago > 20 and item == "a" else hundredths(900),
            excess_value=hundredths(900),
        )
        for ago in range(40)
        if ago % 9
        for item in "abc"
        for place in ("*", "LONDON")
    ]


@pytest.fixture(scope="module")
def stocked(running: Running) -> TestClient:
    client = TestClient(running.base_url).create()
    put_metrics(client, metrics())
    return client


def money(rows: list[Row], name: str) -> float | None:
    """The sum; None where one is not known."""
    values = [row[name] for row in rows]
    return None if None in values else float(sum(Decimal(str(value)) for value in values))


def lasts(rows: list[Row]) -> float | None:
    """Days that the money in stock lasts."""
    alive = [row for row in rows if row["status"] != "dead_stock"]
    cost_a_day = sum(row["expected_daily_demand"] * row["unit_cost"] for row in alive)
    return round(sum(row["inventory_value"] for row in alive) / cost_a_day, 1) if cost_a_day else None


def point(day: dt.date, place: str) -> Row:
    rows = [row for row in metrics() if row["date"] == day and row["location_id"] == place]
    statuses = Counter(row["status"] for row in rows)
    return {
        "date": day.isoformat(),
        "items": len(rows),
        "inventory_value": float(sum(Decimal(str(row["inventory_value"])) for row in rows)),
        "units": float(sum(Decimal(str(row["current_stock"])) for row in rows)),
        "on_order": float(sum(Decimal(str(row["on_order"])) for row in rows)),
        "average_dir": lasts(rows),
        "sales_at_risk": money(rows, "sales_at_risk"),
        "excess_value": money(rows, "excess_value"),
    } | {
        name: value
        for status in StockStatus
        for name, value in (
            (status.value, statuses[status.value]),
            (f"{status}_value", money([row for row in rows if row["status"] == status.value], "inventory_value")),
        )
    }


@pytest.mark.parametrize("place", ["*", "LONDON"])
def test_each_known_day_is_a_point(
    stocked: TestClient, queries: Callable[[TestClient], int], meter: FirestoreMeter, place: str
) -> None:
    given = {"from_date": TODAY - 30 * DAY, "to_date": TODAY - 2 * DAY}
    found = stocked.get(PATH, params=given | ({} if place == "*" else {"location_id": place})).json()
    days = sorted({row["date"] for row in metrics() if given["from_date"] <= row["date"] <= given["to_date"]})
    assert found["items"] == [point(day, place) for day in days]
    assert found["as_of"] == (TODAY - 2 * DAY).isoformat()
    assert (queries(stocked), meter.of(stocked.client_id)) == (1, Billed())  # and the client's own document


def test_a_week_is_shown_by_its_last_known_day(stocked: TestClient) -> None:
    found = stocked.get(PATH, params={"interval": "week"}).json()
    last = {row["date"].isocalendar()[:2]: row["date"] for row in sorted(metrics(), key=lambda row: row["date"])}
    assert found["items"] == [point(day, "*") for day in last.values()]
    assert found["interval"] == "week"


def test_nothing_is_known_of_a_new_client(client: TestClient, stocked: TestClient) -> None:
    found = client.get(PATH).json()
    assert (found["items"], found["as_of"]) == ([], None)
    assert (found["from_date"], found["to_date"]) == ((TODAY - 90 * DAY).isoformat(), TODAY.isoformat())
    assert_problem(client.get(PATH, params={"client_id": stocked.client_id}), 403, "other_client")


def test_an_unknown_interval_is_refused(client: TestClient) -> None:
    problem = assert_problem(client.get(PATH, params={"interval": "year"}), 422, "invalid_input")
    assert problem["errors"][0]["pointer"] == "query/interval"
    assert "'week'" in problem["detail"]
