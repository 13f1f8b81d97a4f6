"""A forecast is right for each recency group: what has slept for long sells what such items have sold before."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.totals import calibration
from forecast_job.totals.calibration import Calibration, WindowTotals
from forecast_job.totals.daily_and_totals import MEAN_WINDOW_DAYS, forecast_panel
from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from tests.support.panels import FIRST, bare_panel

DAYS, ORIGIN = 640, 600
GROUPS = {"0-30": (0, 30), "31-90": (31, 90), "91-180": (91, 180), "over 180": (181, 364)}


def shop(series: int, seed: int) -> np.ndarray:
    """Items that are on sale for some months, then for some months hardly ever; a few come back."""
    generator = np.random.default_rng(seed)
    offered = np.zeros((series, DAYS), dtype=np.bool_)
    for row in range(series):
        day = -int(generator.integers(0, 200))
        while day < DAYS:
            end = day + int(generator.exponential(220)) + 20
            offered[row, max(day, 0) : max(end, 0)] = True
            day = end + int(generator.exponential(500)) + 30
    chance = np.where(offered, generator.uniform(0.05, 0.7, series)[:, None], 0.001)
    sells = generator.random((series, DAYS)) < chance
    sells[:, 0] |= offered[:, 0]
    return np.where(sells, generator.geometric(generator.uniform(0.05, 0.9, series)[:, None], sells.shape), 0.0)


Forecasts = tuple[np.ndarray, DailyForecast, WindowTotals, Panel]


@pytest.fixture(scope="module")
def forecasts() -> Forecasts:
    units = shop(1200, seed=4)
    panel = bare_panel(units[:, :ORIGIN])
    history = ClientHistory.of(FIRST, panel.units)
    learned = calibration.fit(panel, history, WINDOW_DAYS, WINDOW_QUANTILES)
    daily, totals = forecast_panel(panel, history, StatisticalEngine(), learned, MEAN_WINDOW_DAYS)
    return units[:, ORIGIN:], daily, totals, panel


def in_group(panel: Panel, group: str) -> np.ndarray:
    sold = panel.units > 0
    idle = np.where(sold.any(axis=1), sold[:, ::-1].argmax(axis=1), -1)
    low, high = GROUPS[group]
    return (idle >= low) & (idle <= high)


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_sells_what_it_is_expected_to(forecasts: Forecasts, group: str) -> None:
    ahead, daily, totals, panel = forecasts
    chosen = in_group(panel, group)
    assert chosen.sum() > 50
    sold = ahead[chosen, :MEAN_WINDOW_DAYS].sum()
    assert sold / 1.5 < daily.mean[chosen].sum() < sold * 1.5
    for level, tolerance in ((0.8, 0.05), (0.9, 0.04), (0.95, 0.03)):
        quantile = totals.quantiles[chosen, WINDOW_DAYS.index(14), WINDOW_QUANTILES.index(level)]
        covered = (ahead[chosen, :14].sum(axis=1) <= quantile).mean()
        assert covered > level - tolerance
        assert covered < level + tolerance or (quantile == 0).mean() > 0.5  # at best zero, which covers what it covers


def test_daily_means_add_up_to_the_mean_of_the_total_for_sleeping_items_too(forecasts: Forecasts) -> None:
    _, daily, totals, _ = forecasts
    mean = totals.mean[:, WINDOW_DAYS.index(MEAN_WINDOW_DAYS)]
    np.testing.assert_allclose(daily.mean.sum(axis=1), mean, rtol=1e-4, atol=1e-6)


def test_a_sleeping_item_that_never_wakes_elsewhere_is_expected_to_sleep_on() -> None:
    """Nine in ten items stop for good at some time: none has ever come back."""
    generator = np.random.default_rng(3)
    stop = np.where(generator.random(400) < 0.9, generator.integers(60, 600, 400), 600)
    units = np.where(np.arange(ORIGIN) < stop[:, None], generator.poisson(2.0, (400, ORIGIN)), 0)
    panel = bare_panel(units)
    history = ClientHistory.of(FIRST, panel.units)
    learned = calibration.fit(panel, history, WINDOW_DAYS, WINDOW_QUANTILES)
    daily, totals = forecast_panel(panel, history, StatisticalEngine(), learned, MEAN_WINDOW_DAYS)
    asleep = (stop < ORIGIN - 31) & (stop > ORIGIN - 364)
    assert asleep.sum() > 100
    assert (daily.mean[asleep] == 0).all()
    assert (totals.quantiles[asleep] == 0).all()
    assert daily.mean[stop == ORIGIN].sum(axis=1).mean() > 28


def test_without_precedents_sleeping_items_are_judged_as_the_others() -> None:
    panel = bare_panel(np.pad(np.ones((4, 30)), ((0, 0), (0, 60))))
    history = ClientHistory(FIRST, np.full(90, 9.0))
    learned: Calibration = calibration.fit(panel, history, (28,), (0.5, 0.9))
    _, totals = forecast_panel(panel, history, StatisticalEngine(), learned, MEAN_WINDOW_DAYS)
    assert (totals.mean > 0).all()
