"""The backtest of a run over HTTP: of all its items, of one, on its chart; and why there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest
from PIL import Image

from shared.bigquery.tables import BACKTESTS, DAILY_QUANTILES, quantile_column
from shared.domain.forecast_request import ForecastRequest
from shared.firestore.forecast_runs import ForecastRuns
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.forecasts import append_rows, publish_forecast
from tests.support.running import Running
from tests.support.sellers import make_seller
from tests.support.tenants import TODAY, TestClient

NOW = dt.datetime(2024, 6, 3, 4, tzinfo=dt.UTC)
DAYS = 28
ORIGIN = TODAY - dt.timedelta(DAYS)
NAMES = [quantile_column(level) for level in DAILY_QUANTILES]


def rows_of(
    client: TestClient, item: str, sold: float, mean: float, days_since_sale: int, unknown_days: int = 0
) -> list[dict[str, Any]]:
    return [
        {"client_id": client.client_id, "run_date": TODAY, "run_id": "tested", "item_id": item, "location_id": "*"}
        | {"origin_date": ORIGIN, "date_local": ORIGIN + dt.timedelta(day), "engine": "test"}
        | {"units_sold": sold if day >= unknown_days else None, "naive": sold + 1, "mean": mean}
        | {"days_since_sale": days_since_sale}
        | {name: 2 * level * mean for name, level in zip(NAMES, DAILY_QUANTILES, strict=True)}
        for day in range(DAYS)
    ]


@pytest.fixture(scope="module")
def tested(running: Running) -> TestClient:
    """A shop with a run that has a backtest of two items, and others that have none."""
    client = make_seller(TestClient(running.base_url).create())
    wanted = ForecastRequest(backtest=True)
    runs = ForecastRuns(client.tenant)
    for run_id in ("tested", "young", "unfinished"):
        runs.begin(run_id, TODAY, 1, NOW, wanted=wanted)
    publish_forecast(client, {"A/1": {"*": 3.0, "DUBLIN": 1.0}, "b 2": 1.25, "c": 1.0}, run_id="tested")
    publish_forecast(client, {"c": 1.0}, run_id="daily", run_date=TODAY - dt.timedelta(1))
    runs.complete_shard("young", 0, NOW)
    rows = [*rows_of(client, "A/1", 5.0, 4.0, 1), *rows_of(client, "b 2", 2.0, 3.0, 91, unknown_days=8)]
    append_rows(client, BACKTESTS, pl.DataFrame(rows), "tested")
    return client


def test_how_good_it_was_over_all_items(tested: TestClient) -> None:
    response = tested.get("/forecast/tested")
    found = response.json()
    assert found["backtest_missing"] is None
    metrics = found["backtest"]
    units = 28 * 5 + 20 * 2
    assert (metrics["items"], metrics["days"], metrics["units"]) == (2, 48, units)
    assert (metrics["from_date"], metrics["to_date"]) == ("2024-05-06", "2024-06-02")
    assert metrics["forecast_units"] == 28 * 4 + 20 * 3
    assert metrics["wape"] == pytest.approx((28 + 20) / units)
    assert metrics["bias"] == pytest.approx((20 - 28) / units)
    assert metrics["naive_wape"] == pytest.approx(48 / units)
    assert metrics["fva"] == pytest.approx(0)
    # A/1 sold 5: below the 80 % quantile of 6.4, above the median of 4; b 2 sold 2: below both.
    assert metrics["coverage"] == {"q50": pytest.approx(20 / 48), "q80": 1.0, "q90": 1.0, "q95": 1.0}
    assert 0 < metrics["wql"] < 1
    every = {"q80": 1.0, "q90": 1.0, "q95": 1.0}
    assert metrics["by_recency"] == [
        {"recency": "0-30 days", "items": 1, "units": 140, "forecast_units": 112, "expected_per_sold": 0.8}
        | {"coverage": {"q50": 0.0, **every}},
        {"recency": "91-180 days", "items": 1, "units": 40, "forecast_units": 60, "expected_per_sold": 1.5}
        | {"coverage": {"q50": 1.0, **every}},
    ]


@pytest.mark.parametrize(
    ("run_id", "why"),
    [("daily", "not asked for"), ("young", "no item was known"), ("unfinished", "not been published")],
)
def test_where_there_is_none_it_says_why(tested: TestClient, run_id: str, why: str) -> None:
    response = tested.get(f"/forecast/{run_id}")
    assert response.json()["backtest"] is None
    assert why in response.json()["backtest_missing"]


def test_an_items_days_and_how_good_they_were(tested: TestClient) -> None:
    response = tested.get("/forecast/tested/items/b%202")
    found = response.json()
    assert [day["date_local"] for day in found["backtest"]] == [
        (ORIGIN + dt.timedelta(day)).isoformat() for day in range(DAYS)
    ]
    assert [day["units_sold"] for day in found["backtest"]] == [None] * 8 + [2.0] * 20
    assert (found["backtest"][0]["mean"], found["backtest"][0]["quantiles"]["q90"]) == (3.0, 5.4)
    assert set(found["backtest"][0]["quantiles"]) == set(NAMES)
    metrics = found["backtest_metrics"]
    assert (metrics["days"], metrics["wape"], metrics["bias"], metrics["naive_wape"]) == (20, 0.5, 0.5, 0.5)
    assert metrics["coverage"]["q50"] == 1.0


@pytest.mark.parametrize("path", ["tested/items/c", "tested/items/A%2F1?location_id=DUBLIN", "daily/items/c"])
def test_a_series_without_a_backtest(tested: TestClient, path: str) -> None:
    response = tested.get(f"/forecast/{path}")
    assert (response.json()["backtest"], response.json()["backtest_metrics"]) == ([], None)


def test_what_looking_costs(tested: TestClient, meter: FirestoreMeter, queries: Callable[[], int]) -> None:
    for path, sent in (
        ("tested", 2),  # its accuracy too
        ("unfinished", 0),
        ("tested/items/A%2F1", 4),
        ("tested/items/A%2F1?location_id=DUBLIN", 3),
    ):
        meter.reset()
        queries()
        assert tested.get(f"/forecast/{path}").status_code in (200, 409)
        assert (path, meter.of(tested.client_id), queries()) == (path, Billed(reads=1), sent)


def test_the_chart_shows_it_behind_the_history(tested: TestClient) -> None:
    path = "/forecast/tested/items/A%2F1/chart"
    texts = [one.text for one in ElementTree.fromstring(tested.get(path).content).iter()]
    assert "as of 6 May: median, 80 %" in texts
    assert "as of 6 May" not in tested.get(f"{path}?history_days=0").text
    assert "as of 6 May" not in tested.get(f"{path}?location_id=DUBLIN").text
    with Image.open(BytesIO(tested.get(f"{path}?format=png").content)) as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or ()}
    assert {(0xB0, 0x8A, 0x3C), (0xF3, 0xEA, 0xD6)} <= colours
