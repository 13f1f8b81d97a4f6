"""A shard against the emulators: rows complete, once, whatever dies when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from forecast_job.engines.registry import ChosenEngine
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.progress import JobProgress
from forecast_job.results.result_files import RunKey
from forecast_job.run.shard import Shard, ShardOutcome, ShardTask, run_shard
from shared.bigquery.tables import DAILY_QUANTILES, WINDOW_DAYS, WINDOW_QUANTILES, quantile_column
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.errors import Conflict
from shared.domain.forecast_request import ForecastRequest
from shared.firestore.forecast_runs import ForecastRuns
from tests.support.panels import demand
from tests.support.sql import table_rows
from tests.support.tenants import TODAY, TestClient

NOW = dt.datetime(2024, 6, 3, 5, tzinfo=dt.UTC)
ITEMS = 12
SERIES = ITEMS + ITEMS + ITEMS // 2  # totals, NORTH, and every other one at SOUTH
HORIZON = 90
DAYS = 150

_WHERE = "WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id"


class Killed(BaseException):
    """The process is gone: nothing catches it."""


def _run(
    client: TestClient,
    run_id: str = "run",
    shard: Shard | None = None,
    clock: Callable[[], dt.datetime] = lambda: NOW,
    run_date: dt.date = TODAY,
) -> ShardOutcome:
    task = ShardTask(
        config=config(),
        runs=ForecastRuns(client.tenant),
        key=RunKey(client.client_id, run_date, run_id),
        shard=shard or Shard(0, 1),
        request=ForecastRequest(horizon_days=HORIZON),
        progress=JobProgress(interactive=False),
        clock=clock,
    )
    return run_shard(task, ChosenEngine(StatisticalEngine()))


def _rows(client: TestClient, table: str, run_id: str = "run", run_date: dt.date = TODAY) -> list[dict[str, Any]]:
    warehouse = Warehouse(config(), client.client_id)
    return table_rows(warehouse, f"SELECT * FROM inventory.{table} {_WHERE}", run_date=run_date, run_id=run_id)


def _dies_at_call(call: int) -> Callable[[], dt.datetime]:
    """A clock whose process is killed when it is asked for the n-th time: 1 before the run begins, 2 before the shard
    is marked as done, when its rows are loaded."""
    calls = iter(range(1, call + 1))

    def clock() -> dt.datetime:
        if next(calls) == call:
            raise Killed
        return NOW

    return clock


@pytest.fixture
def seller(client: TestClient) -> TestClient:
    client.sell(demand(DAYS, ITEMS, first=TODAY - dt.timedelta(days=DAYS)).to_dicts())
    return client


def test_a_run_publishes_complete_rows(seller: TestClient) -> None:
    outcome = _run(seller)
    assert outcome == ShardOutcome(ITEMS, SERIES, published=True)
    daily = _rows(seller, "forecast_results")
    series = {(row["item_id"], row["location_id"]) for row in daily}
    assert len(series) == SERIES
    assert len(daily) == SERIES * HORIZON
    assert {row["date_local"] for row in daily} == {TODAY + dt.timedelta(days=day) for day in range(HORIZON)}
    names = [quantile_column(level) for level in DAILY_QUANTILES]
    assert all(0 <= row[a] <= row[b] for row in daily for a, b in pairwise(names))
    assert all(row["mean"] >= 0 for row in daily)
    assert {row["engine"] for row in daily} == {"statistical"}
    saturdays = [row for row in daily if row["date_local"].weekday() == 5]
    assert saturdays
    assert not any(row["mean"] or row["q95"] for row in saturdays)


def test_window_totals_are_complete_and_agree_with_the_daily_means(seller: TestClient) -> None:
    _run(seller)
    totals = {
        (row["item_id"], row["location_id"], row["window_days"]): row for row in _rows(seller, "lead_time_demand")
    }
    assert len(totals) == SERIES * len(WINDOW_DAYS)
    names = [quantile_column(level) for level in WINDOW_QUANTILES]
    assert all(0 <= row[a] <= row[b] for row in totals.values() for a, b in pairwise(names))
    month: dict[tuple[str, str, int], float] = {}
    for row in _rows(seller, "forecast_results"):
        if (row["date_local"] - TODAY).days < 28:
            key = (row["item_id"], row["location_id"], 28)
            month[key] = month.get(key, 0) + row["mean"]
    busy = [key for key in month if month[key] > 10]
    assert len(busy) > ITEMS
    assert all(month[key] == pytest.approx(totals[key]["mean"], rel=0.02) for key in busy)


def test_an_item_sold_at_one_location_has_its_total_there(seller: TestClient) -> None:
    _run(seller)
    rows = {(r["item_id"], r["location_id"], r["date_local"]): r for r in _rows(seller, "forecast_results")}
    for (item, location, day), row in rows.items():
        if location == "NORTH" and int(item[1:]) % 2 == 0:
            total = rows[item, "*", day]
            assert {**row, "location_id": "*"} == total


def test_items_are_classified(seller: TestClient) -> None:
    _run(seller)
    rows = {row["item_id"]: row for row in _rows(seller, "sku_classifications")}
    assert len(rows) == ITEMS
    best = max(rows.values(), key=lambda row: row["revenue"])
    assert best["abc"] == "A"
    assert best["demand_pattern"] == "smooth"
    assert best["lifecycle"] == "active"
    assert best["xyz"] == "X"
    assert best["adi"] == 1
    assert best["last_sale"] < TODAY


def test_a_shard_killed_before_it_was_marked_loads_nothing_twice(seller: TestClient) -> None:
    with pytest.raises(Killed):
        _run(seller, clock=_dies_at_call(2))
    loaded = _rows(seller, "forecast_results")
    assert len(loaded) == SERIES * HORIZON
    assert ForecastRuns(seller.tenant).latest() is None
    assert _run(seller).published
    again = _rows(seller, "forecast_results")
    key = lambda row: (row["item_id"], row["location_id"], row["date_local"])  # noqa: E731
    assert sorted(again, key=key) == sorted(loaded, key=key)
    assert len(_rows(seller, "lead_time_demand")) == SERIES * len(WINDOW_DAYS)
    assert len(_rows(seller, "sku_classifications")) == ITEMS
    latest = ForecastRuns(seller.tenant).latest()
    assert latest is not None
    assert latest.run_id == "run"


def test_a_shard_that_was_done_is_not_done_again(seller: TestClient) -> None:
    _run(seller)
    assert _run(seller) == ShardOutcome(0, 0, published=True, repeated=True)
    assert len(_rows(seller, "forecast_results")) == SERIES * HORIZON


def test_shards_together_are_one_run_published_by_the_last(seller: TestClient) -> None:
    _run(seller, "whole")
    outcomes = [_run(seller, "cut", Shard(index, 3)) for index in (2, 0, 1)]
    assert [outcome.published for outcome in outcomes] == [False, False, True]
    assert sum(outcome.items for outcome in outcomes) == ITEMS
    cut, whole = (
        {(r["item_id"], r["location_id"], r["window_days"]): r["q90"] for r in _rows(seller, "lead_time_demand", run)}
        for run in ("cut", "whole")
    )
    assert cut == pytest.approx(whole, rel=1e-3)
    classes = [{r["item_id"]: r["abc"] for r in _rows(seller, "sku_classifications", run)} for run in ("cut", "whole")]
    assert classes[0] == classes[1]  # a rank among all items, not among the shard's
    latest = ForecastRuns(seller.tenant).latest()
    assert latest is not None
    assert latest.run_id == "cut"


def test_a_run_id_cannot_be_used_for_two_runs(seller: TestClient) -> None:
    _run(seller, shard=Shard(0, 2))
    with pytest.raises(Conflict, match="run run was started for"):
        _run(seller, shard=Shard(0, 3))


def test_a_client_without_demand_gets_an_empty_run(client: TestClient) -> None:
    assert _run(client) == ShardOutcome(0, 0, published=True)
    assert _rows(client, "forecast_results") == []
