"""The baseline is what it says: empirical quantiles of the same weekday's last 13 values."""

from __future__ import annotations

import numpy as np

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.engines.same_weekday import SameWeekdayEngine
from tests.support.panels import FIRST


def test_quantiles_are_those_of_the_same_weekday() -> None:
    units = np.arange(140, dtype=np.float32)[None, :].copy()
    units[0, 133] = np.nan
    panel = Panel(FIRST, ("A",), ("*",), units, np.arange(1))
    forecast = SameWeekdayEngine().forecast(panel, 9, (0.0, 0.5, 1.0), ClientHistory(FIRST, np.ones(140)))
    known = np.arange(140 - 7 * 13, 133, 7)  # the same weekday as the origin, its last value unknown
    np.testing.assert_allclose(forecast.quantiles[0, 0], [known[0], np.median(known), known[-1]])
    np.testing.assert_allclose(forecast.quantiles[0, 7], forecast.quantiles[0, 0])
    np.testing.assert_allclose(forecast.quantiles[0, 1], [50, 92, 134])
    np.testing.assert_allclose(forecast.mean[0, 1], 92)


def test_nothing_known_is_zero() -> None:
    panel = Panel(FIRST, ("A",), ("*",), np.full((1, 3), np.nan, dtype=np.float32), np.arange(1))
    forecast = SameWeekdayEngine().forecast(panel, 10, (0.5,), ClientHistory(FIRST, np.zeros(3)))
    assert (forecast.quantiles == 0).all()
    assert (forecast.mean == 0).all()
