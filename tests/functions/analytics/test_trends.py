"""Stock over time, against sums over the same rows."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from shared.bigquery.tables import METRICS
from shared.domain.planning.stock_status import StockStatus
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.forecasts import append_rows
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

PATH = "/analytics/inventory-trends"
DAY = dt.timedelta(1)
Row = dict[str, Any]


def metrics() -> list[Row]:
    """Three items, as a whole and at a place, on most of 40 days."""
    chance = random.Random(3)
    return [
        {
            "date": TODAY - ago * DAY,
            "item_id": item,
            "location_id": place,
            "status": chance.choice(list(StockStatus)).value,
        }
        | {"current_stock": chance.randint(0, 5000) / 1000, "on_order": chance.randint(0, 900) / 100}
        | {"inventory_value": chance.randint(0, 100_000) / 100}
        for ago in range(40)
        if ago % 9
        for item in "abc"
        for place in ("*", "LONDON")
    ]


@pytest.fixture(scope="module")
def stocked(running: Running) -> TestClient:
    client = TestClient(running.base_url).create()
    numbers = pl.col("current_stock", "on_order", "inventory_value").cast(pl.Decimal(38, 9))
    zero = [pl.lit(0.0).alias(name) for name in ("expected_daily_demand", "forecasted_demand_30d", "stockout_risk")]
    zero += [pl.lit(0).cast(pl.Decimal(38, 9)).alias(name) for name in ("inventory_position", "unit_cost")]
    frame = pl.DataFrame(metrics()).with_columns(
        numbers,
        *zero,
        pl.lit(client.client_id).alias("client_id"),
        pl.lit(7).alias("lead_time_days"),
        pl.lit("x").alias("demand_basis"),
        pl.lit("x").alias("risk_basis"),
        pl.lit(dt.datetime(2024, 6, 3, tzinfo=dt.UTC)).alias("computed_at"),
    )
    append_rows(client, METRICS, frame, "metrics")
    return client


def point(day: dt.date, place: str) -> Row:
    rows = [row for row in metrics() if row["date"] == day and row["location_id"] == place]
    statuses = Counter(row["status"] for row in rows)
    return {
        "date": day.isoformat(),
        "items": len(rows),
        "inventory_value": float(sum(Decimal(str(row["inventory_value"])) for row in rows)),
        "units": float(sum(Decimal(str(row["current_stock"])) for row in rows)),
        "on_order": float(sum(Decimal(str(row["on_order"])) for row in rows)),
    } | {status.value: statuses[status.value] for status in StockStatus}


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
