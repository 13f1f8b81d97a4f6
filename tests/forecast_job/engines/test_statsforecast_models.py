"""statsforecast behind our protocol: real fits on small series."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.engines.statsforecast_models import StatsForecastEngine, auto_ets, auto_theta
from shared.bigquery.tables import DAILY_QUANTILES
from tests.support.panels import FIRST, bare_panel

DAYS = 140
WEEK = np.array([9.0, 4.0, 4.0, 5.0, 8.0, 12.0, 0.0])
ETS = StatsForecastEngine("auto_ets", auto_ets, StatisticalEngine(), processes=1)


def _panel(units: np.ndarray) -> tuple[Panel, ClientHistory]:
    panel = bare_panel(units)
    open_days = np.tile(WEEK > 0, -(-units.shape[1] // 7))[: units.shape[1]]
    return panel, ClientHistory(FIRST, np.where(open_days, 50.0, 0.0))


def _weekly(rows: int) -> np.ndarray:
    """Mondays sell nine, Sundays are closed; some noise."""
    noise = np.random.default_rng(5).normal(0, 0.5, (rows, DAYS))
    return np.maximum(np.tile(WEEK, DAYS // 7) + noise, 0) * np.tile(WEEK > 0, DAYS // 7)


@pytest.mark.parametrize(("name", "make"), [("auto_ets", auto_ets), ("auto_theta", auto_theta)])
def test_a_week_is_learned(name: str, make: object) -> None:
    panel, history = _panel(_weekly(3))
    forecast = StatsForecastEngine(name, make, StatisticalEngine(), processes=1).forecast(  # type: ignore[arg-type]
        panel, 14, DAILY_QUANTILES, history
    )
    assert forecast.quantiles.shape == (3, 14, len(DAILY_QUANTILES))
    median = forecast.quantiles[..., DAILY_QUANTILES.index(0.5)]
    np.testing.assert_allclose(median, np.tile(WEEK, (3, 2)), atol=1.0)
    assert (np.diff(forecast.quantiles, axis=2) >= 0).all()
    assert (forecast.quantiles >= 0).all()
    assert forecast.engines == (name,) * 3


def test_series_that_it_cannot_fit_are_the_fallbacks() -> None:
    units = _weekly(3)
    units[0] = 0
    units[1, :-20] = np.nan
    panel, history = _panel(units)
    forecast = ETS.forecast(panel, 7, DAILY_QUANTILES, history)
    assert forecast.engines == ("statistical", "statistical", "auto_ets")
    own = StatisticalEngine().forecast(panel.rows(np.array([1])), 7, DAILY_QUANTILES, history)
    np.testing.assert_allclose(forecast.quantiles[1], own.quantiles[0], rtol=1e-5)


def test_days_without_stock_are_no_zeros() -> None:
    units = _weekly(1)
    units[0, -7:] = np.nan
    panel, history = _panel(units)
    forecast = ETS.forecast(panel, 7, DAILY_QUANTILES, history)
    np.testing.assert_allclose(forecast.mean[0], WEEK, atol=1.0)


def test_no_series_is_no_forecast() -> None:
    panel, history = _panel(np.zeros((0, DAYS)))
    assert ETS.forecast(panel, 5, DAILY_QUANTILES, history).quantiles.shape == (0, 5, len(DAILY_QUANTILES))
