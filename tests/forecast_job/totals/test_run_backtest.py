"""The backtest of a run: the same forecast with what was known then, and nothing that was not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_job.__main__ import main
from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.covariates import Covariates, WarehouseCovariates, build_covariates
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, DemandOnly
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.totals import calibration
from forecast_job.totals.daily_and_totals import MEAN_WINDOW_DAYS, forecast_panel
from forecast_job.totals.run_backtest import LEAST_KNOWN_DAYS, Backtested, backtest, backtest_days
from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.forecast_engine import CHRONOS2
from shared.domain.forecast_request import FutureDay
from tests.support.panels import FIRST, demand, panel_of
from tests.support.sql import table_rows
from tests.support.tenants import TODAY, TestClient
from tests.support.weights import use_weights

DAYS, BACK = 200, 28
ORIGIN = DAYS - BACK


@dataclass
class Recording(DemandOnly):
    """The statistical engine; keeps what it was shown."""

    name: str = "recording"
    seen: list[tuple[Panel, ClientHistory]] = field(default_factory=list)

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        self.seen.append((panel, history))
        return StatisticalEngine().forecast(panel, horizon_days, quantiles, history)


@pytest.fixture(scope="module")
def known() -> tuple[Panel, ClientHistory]:
    return panel_of(demand(DAYS, 12), DAYS)


def backtest_of(panel: Panel, history: ClientHistory, days: int = BACK) -> Backtested | None:
    origin = max(panel.days - days, 0)
    learned = calibration.fit(panel.until(origin), history.until(origin), (MEAN_WINDOW_DAYS,), (0.5,))
    return backtest(panel, history, StatisticalEngine(), learned, days)


def test_it_looks_back_as_far_as_the_run_looks_ahead_up_to_four_weeks() -> None:
    assert [backtest_days(horizon) for horizon in (1, 7, 28, 90, 365)] == [1, 7, 28, 28, 28]


def test_items_as_a_whole_beside_what_sold_and_the_week_before(known: tuple[Panel, ClientHistory]) -> None:
    panel, history = known
    made = backtest_of(panel, history)
    assert made is not None
    assert made.panel.item_ids == tuple(f"I{item:03}" for item in range(12))
    assert set(made.panel.location_ids) == {"*"}
    assert made.panel.origin == FIRST + dt.timedelta(days=ORIGIN)
    assert made.forecast.mean.shape == (12, BACK)
    totals = panel.totals()
    np.testing.assert_array_equal(made.units, panel.units[totals, ORIGIN:])
    week = panel.units[totals, ORIGIN - 7 : ORIGIN]
    np.testing.assert_array_equal(made.naive, np.tile(week, BACK // 7))
    for row, total in enumerate(totals):
        days = [day for day in range(ORIGIN) if panel.units[total, day] > 0]
        np.testing.assert_equal(made.days_since_sale[row], ORIGIN - days[-1] if days else np.nan)
    busy = made.units[8:].sum()
    assert made.forecast.mean[8:].sum() == pytest.approx(busy, rel=0.2)


def test_what_sold_since_has_no_say(known: tuple[Panel, ClientHistory]) -> None:
    """The same forecast, whatever was recorded from the origin on: days of demand, of the shop, of covariates."""
    panel, history = known
    units, sellers = panel.units.copy(), history.sellers.copy()
    units[:, ORIGIN:], sellers[ORIGIN:] = 1000, 0
    here, there = (
        backtest_of(panel, history),
        backtest_of(replace(panel, units=units), ClientHistory(history.first, sellers)),
    )
    assert here is not None
    assert there is not None
    np.testing.assert_array_equal(here.forecast.mean, there.forecast.mean)
    np.testing.assert_array_equal(here.forecast.quantiles, there.forecast.quantiles)
    engine = Recording()
    learned = calibration.fit(panel, history, (MEAN_WINDOW_DAYS,), (0.5,), [])
    backtest(panel, history, engine, learned, BACK)
    ((shown, then),) = engine.seen
    assert (shown.days, then.days) == (ORIGIN, ORIGIN)
    # What a run was told of the days ahead of it is not what was known before.
    planned = [FutureDay(FIRST + dt.timedelta(days=DAYS), price=2.0)]
    records = demand(3).with_columns(promotion_flag=None, holiday_flag=None, marketing_spend=None)
    assert all(np.isnan(one).all() for one in build_covariates(records, shown, BACK, planned).future.values())


def test_it_is_the_forecast_that_a_run_would_have_made_then(known: tuple[Panel, ClientHistory]) -> None:
    panel, history = known
    then, shop_then = panel.until(ORIGIN), history.until(ORIGIN)
    learned = calibration.fit(then, shop_then, WINDOW_DAYS, WINDOW_QUANTILES)
    daily, _ = forecast_panel(then, shop_then, StatisticalEngine(), learned, BACK)
    made = backtest_of(panel, history)
    assert made is not None
    totals = panel.totals()
    np.testing.assert_allclose(made.forecast.quantiles, daily.quantiles[totals], rtol=1e-5)
    np.testing.assert_allclose(made.forecast.mean, daily.mean[totals], rtol=1e-2)


@given(st.integers(0, 45), st.integers(0, 45))
def test_items_that_were_too_young_are_left_out(young: int, history: int) -> None:
    """One item known for the last `young` of `history` days, and one for all of them."""
    units = np.ones((2, history), dtype=np.float32)
    units[0, : max(history - young, 0)] = np.nan
    panel = Panel(FIRST, ("young", "old"), ("*", "*"), units, np.arange(2))
    made = backtest_of(panel, ClientHistory(FIRST, np.ones(history)), 7)
    found = () if made is None else made.panel.item_ids
    enough = [min(young, history) - 7 >= LEAST_KNOWN_DAYS, history - 7 >= LEAST_KNOWN_DAYS]
    assert found == tuple(item for item, is_old in zip(("young", "old"), enough, strict=True) if is_old)


def test_an_item_at_locations_only_has_none() -> None:
    units = np.ones((1, 60), dtype=np.float32)
    panel = Panel(FIRST, ("A",), ("NORTH",), units, np.arange(1))
    assert backtest_of(panel, ClientHistory(FIRST, np.ones(60))) is None


def test_a_run_with_chronos_is_tested_with_chronos_and_the_covariates_of_then(
    client: TestClient, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_weights(monkeypatch, tiny_weights)
    asked: list[tuple[dt.date, dt.date]] = []
    read = WarehouseCovariates.of

    def noted(self: WarehouseCovariates, panel: Panel, horizon_days: int) -> Covariates:
        asked.append((panel.origin, panel.origin + dt.timedelta(days=horizon_days)))
        return read(self, panel, horizon_days)

    monkeypatch.setattr(WarehouseCovariates, "of", noted)
    client.sell(demand(60, 4, first=TODAY - dt.timedelta(days=60)).to_dicts())
    arguments = ["--client", client.client_id, "--horizon", "7", "--engine", CHRONOS2, "--no-fallback", "--backtest"]
    assert main(arguments, {}) == 0
    week = dt.timedelta(days=7)
    assert asked == [(TODAY, TODAY + week), (TODAY - week, TODAY)]
    sql = (
        "SELECT engine, COUNT(*) AS days FROM inventory.forecast_backtest WHERE client_id = @client_id "
        "AND run_date = @run_date GROUP BY engine"
    )
    found = table_rows(Warehouse(config(), client.client_id), sql, run_date=TODAY)
    assert found == [{"engine": CHRONOS2, "days": 4 * 7}]
