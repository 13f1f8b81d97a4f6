"""Scoring frozen forecasts: what BigQuery computes against the definitions, a day at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import requests

from functions.analytics.scoring import ScoringOutcome, score_forecasts, start_scoring
from shared.bigquery.query import Query
from shared.bigquery.tables import ACCURACY, COVERED_WINDOW_QUANTILES, TOTAL_ACCURACY, quantile_column
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from tests.support.frozen_forecasts import (
    COSTS,
    DAY,
    DAYS_SINCE_SALE,
    ENGINES,
    NOW,
    PATTERNS,
    FrozenForecasts,
    accuracy,
)
from tests.support.problems import assert_problem
from tests.support.scored_forecasts import score_all
from tests.support.sql import table_rows
from tests.support.tenants import TODAY, TestClient, eventually

_KEY = ("run_id", "item_id", "location_id", "lag")
_ROWS = (
    f"SELECT {', '.join(ACCURACY.column_names)} FROM inventory.forecast_accuracy "
    "WHERE client_id = @client_id AND run_date >= '2000-01-01'"
)

_TOTAL_KEY = ("run_id", "item_id", "location_id", "window_days")
_TOTALS = (
    f"SELECT {', '.join(TOTAL_ACCURACY.column_names)} FROM inventory.total_accuracy "
    "WHERE client_id = @client_id AND run_date >= '2000-01-01'"
)


def score(client: TestClient) -> ScoringOutcome:
    return score_forecasts(config(), client.tenant, NOW)


def stored(client: TestClient) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[name] for name in _KEY): row for row in table_rows(Warehouse(config(), client.client_id), _ROWS)}


def check(client: TestClient, frozen: FrozenForecasts) -> None:
    """There is a row of every forecast that came due, and it holds what the definitions say."""
    found, days = stored(client), frozen.days()
    assert found.keys() == {tuple(getattr(day, name) for name in _KEY) for day in days}
    for day in days:
        row = found[tuple(getattr(day, name) for name in _KEY)]
        expected = accuracy([day])
        ratios = {name: expected[name] for name in ("wape", "mape", "rmse", "mase", "bias", "wql", "fva")}
        assert {name: row[name] for name in ratios} == pytest.approx(ratios), day
        assert row["days"] == (day.actual is not None)
        assert row["actual"] == (day.actual or 0)
        assert (row["engine"], row["demand_pattern"]) == (ENGINES[day.item_id], PATTERNS.get(day.item_id))
        assert row["days_since_sale"] == DAYS_SINCE_SALE.get(day.item_id)
        assert row["scale"] == (day.scale and pytest.approx(day.scale))
    check_totals(client, frozen)


def check_totals(client: TestClient, frozen: FrozenForecasts) -> None:
    """There is a row of every total that came due, and it holds what the definitions say."""
    rows = table_rows(Warehouse(config(), client.client_id), _TOTALS)
    stored = {tuple(row[name] for name in _TOTAL_KEY): row for row in rows}
    totals = frozen.window_totals()
    assert stored.keys() == {tuple(getattr(total, name) for name in _TOTAL_KEY) for total in totals}
    assert len(stored) == len(rows)
    for total in totals:
        row = stored[tuple(getattr(total, name) for name in _TOTAL_KEY)]
        known, actual = int(total.actual is not None), total.actual or 0
        assert {name: row[name] for name in ("windows", "actual", "forecast", "absolute_error")} == pytest.approx(
            {
                "windows": known,
                "actual": actual,
                "forecast": known * total.mean,
                "absolute_error": known * abs(total.mean - actual),
            }
        )
        for level in COVERED_WINDOW_QUANTILES:
            assert row[f"covered_{quantile_column(level)}"] == (known and actual <= total.quantiles[level])
        assert row["naive"] == (None if total.naive is None else pytest.approx(total.naive))
        assert row["scale"] == (total.scale and pytest.approx(total.scale))
        item = total.item_id
        assert (row["engine"], row["demand_pattern"]) == (ENGINES[item], PATTERNS.get(item))
        assert (row["days_since_sale"], row["unit_cost"]) == (DAYS_SINCE_SALE.get(item), COSTS[item] or None)


def test_every_forecast_is_scored_as_defined(scored: TestClient, frozen: FrozenForecasts) -> None:
    check(scored, frozen)
    days = frozen.days()
    assert {day.lag for day in days} == {1, 7, 14, 28}
    for unknown in ("actual", "naive", "scale"):
        assert {getattr(day, unknown) is None for day in days} == {True, False}
    totals = frozen.window_totals()
    assert {total.window_days for total in totals} == {7, 28}
    for unknown in ("actual", "naive", "scale"):
        assert {getattr(total, unknown) is None for total in totals} == {True, False}


def test_again_changes_nothing(scored: TestClient) -> None:
    before = stored(scored)
    assert score_all(scored) == 0
    assert stored(scored) == before


def test_days_are_scored_as_their_sales_arrive(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = FrozenForecasts(seed=5, runs=("run-7", "again"))
    everything, arrived = frozen.sales, TODAY - 5 * DAY
    frozen.sales = [row for row in everything if row["date_local"] <= arrived]
    frozen.put(client)
    score(client)
    assert {row["lag"] for row in stored(client).values()} == {1}
    client.sell(everything)
    frozen.sales = everything
    change = Warehouse.change

    def killed(self: Warehouse, query: Query, **parameters: Any) -> int:
        change(self, query, **parameters)
        raise KeyboardInterrupt

    monkeypatch.setattr(Warehouse, "change", killed)
    with pytest.raises(KeyboardInterrupt):
        score(client)
    monkeypatch.setattr(Warehouse, "change", change)
    score(client)
    check(client, frozen)
    frozen.correct(client, days_ago=1, units=50)  # within the days that are looked at again
    assert score(client) == ScoringOutcome(2, len(("*", "L")) * len(("run-7", "again")))
    check(client, frozen)


def test_a_usual_night_is_three_statements(client: TestClient, queries: Callable[[TestClient], int]) -> None:
    """How far it has come, the totals, the days."""
    FrozenForecasts(seed=5, runs=("run-7", "again")).put(client)
    score(client)
    before = queries(client)
    score(client)
    assert queries(client) - before == 3


def test_nothing_is_scored_before_there_is_anything(client: TestClient) -> None:
    assert score(client) == ScoringOutcome(0, 0)
    client.sell_daily({"a": 2}, days=30)
    assert score(client) == ScoringOutcome(0, 0)


# The task


def call(path: str, body: dict[str, Any], token: str) -> requests.Response:
    url = config().url_of("analytics")
    return requests.post(f"{url}{path}", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def test_every_active_client_is_scored_once_a_day(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    FrozenForecasts(seed=2, runs=("run-1",)).put(client)
    (mine,) = [one for one in Clients(database(config())).active() if one.client_id == client.client_id]
    monkeypatch.setattr(Clients, "active", lambda _: [mine])  # those of other tests have enough to do
    moment = dt.datetime.now(dt.UTC)
    assert start_scoring(config(), moment) == 1
    eventually(lambda: stored(client), "the client's forecasts to be scored")
    assert start_scoring(config(), moment) == 1
    assert "task was delivered before" in capsys.readouterr().out


def test_tasks_are_for_the_task_account(client: TestClient) -> None:
    assert_problem(
        call("/internal/accuracy", {"client_id": client.client_id}, client.token()), 401, "task_token_invalid"
    )
    assert_problem(call("/internal/start-accuracy", {}, client.token()), 401, "task_token_invalid")
