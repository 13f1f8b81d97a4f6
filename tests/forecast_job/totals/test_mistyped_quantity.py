"""One mistyped quantity of one slow item does not move what others are expected to sell."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.totals import calibration
from forecast_job.totals.daily_and_totals import MEAN_WINDOW_DAYS, forecast_panel
from shared.bigquery.tables import WINDOW_QUANTILES
from tests.forecast_job.totals.test_recency_groups import shop
from tests.support.panels import FIRST, bare_panel

DAYS = 500
WINDOWS = (7, MEAN_WINDOW_DAYS)
Forecasts = tuple[np.ndarray, np.ndarray, np.ndarray]


def forecast(units: np.ndarray) -> Forecasts:
    """Daily means, means of totals and their quantiles."""
    panel = bare_panel(units)
    history = ClientHistory.of(FIRST, panel.units)
    learned = calibration.fit(panel, history, WINDOWS, WINDOW_QUANTILES)
    daily, totals = forecast_panel(panel, history, StatisticalEngine(), learned, 30)
    return daily.mean, totals.mean, totals.quantiles


def relative(before: np.ndarray, after: np.ndarray, row: int) -> np.ndarray:
    """How far the others' figures have moved."""
    others = (np.arange(len(before)) != row) & (before > 0)
    return np.asarray(np.abs(after[others] / before[others] - 1))


@pytest.fixture(scope="module", params=[900, 25], ids=["large", "small"])
def typed(request: pytest.FixtureRequest) -> tuple[np.ndarray, Forecasts, float]:
    units = shop(request.param, seed=8)[:, :DAYS]
    # In a small shop one item that is expected to sell too much for months is a part of what is known.
    return units, forecast(units), 0.02 if request.param > 100 else 0.15


@pytest.mark.parametrize("days_ago", [3, 15, 60])
def test_others_stay(typed: tuple[np.ndarray, Forecasts, float], days_ago: int) -> None:
    units, before, tolerance = typed
    sales = (units > 0).sum(axis=1)
    sold_then = units[:, DAYS - days_ago - 10 : DAYS - days_ago].sum(axis=1) > 0
    row = int(np.where(sold_then, sales, DAYS).argmin())  # the slowest of those that sold about then
    day = DAYS - days_ago - 1 - int((units[row, : DAYS - days_ago][::-1] > 0).argmax())
    mistyped = units.copy()
    mistyped[row, day] = 10_000
    after = forecast(mistyped)
    mistyped[row, day] = 100_000
    tenfold = forecast(mistyped)
    assert relative(after[0].sum(axis=1), tenfold[0].sum(axis=1), row).max() < 0.03
    assert relative(before[0].sum(axis=1), after[0].sum(axis=1), row).max() <= tolerance
    assert relative(before[1][:, -1], after[1][:, -1], row).max() <= tolerance
    high = WINDOW_QUANTILES.index(0.95)
    assert np.quantile(relative(before[2][:, -1, high], after[2][:, -1, high], row), 0.95) <= 2 * tolerance
    for mean, quantiles in ((forecasts[1], forecasts[2]) for forecasts in (before, after, tenfold)):
        assert (mean[:, -1] <= quantiles[:, -1, -1] + 1e-4).all()
