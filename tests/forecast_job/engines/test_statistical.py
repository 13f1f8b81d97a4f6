"""The statistical engine: a distribution for any panel, close to the true one where that is known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.engines.statistical import StatisticalEngine, weighted_quantiles
from shared.bigquery.tables import DAILY_QUANTILES
from tests.support.panels import FIRST, bare_panel, demand, panel_of

ENGINE = StatisticalEngine()


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(0, 4), st.sampled_from([0, 1, 6, 60, 400, 500])),
        elements=st.one_of(st.just(0.0), st.just(np.nan), st.floats(0, 1e6, width=32)),
    ),
    st.sampled_from([1, 29, 90]),
)
@settings(deadline=None, max_examples=40)
def test_any_panel_gets_a_distribution(units: np.ndarray, horizon: int) -> None:
    panel = bare_panel(units)
    history = ClientHistory(FIRST, (np.nan_to_num(units) > 0).sum(axis=0).astype(np.float64))
    forecast = ENGINE.forecast(panel, horizon, DAILY_QUANTILES, history)
    assert forecast.quantiles.shape == (len(units), horizon, len(DAILY_QUANTILES))
    assert forecast.mean.shape == (len(units), horizon)
    for values in (forecast.quantiles, forecast.mean):
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (np.diff(forecast.quantiles, axis=2) >= 0).all()


def test_quantiles_of_steady_poisson_demand_are_those_of_poisson() -> None:
    units = np.random.default_rng(3).poisson(20, (200, 500))
    history = ClientHistory(FIRST, np.full(500, 200.0))
    forecast = ENGINE.forecast(bare_panel(units), 28, DAILY_QUANTILES, history)
    true = np.quantile(np.random.default_rng(4).poisson(20, 200_000), DAILY_QUANTILES)
    np.testing.assert_allclose(forecast.quantiles.mean(axis=(0, 1)), true, rtol=0.08)
    np.testing.assert_allclose(forecast.mean.mean(), 20, rtol=0.02)


def test_weekdays_keep_their_own_level_and_closed_ones_sell_nothing() -> None:
    level = np.array([10, 10, 10, 10, 40, 0, 2])[np.arange(420) % 7]
    units = np.random.default_rng(3).poisson(level, (100, 420))
    history = ClientHistory(FIRST, (units > 0).sum(axis=0) * np.where(level > 0, level / 10, 0))
    median = ENGINE.forecast(bare_panel(units), 7, (0.5,), history).quantiles[:, :, 0].mean(axis=0)
    np.testing.assert_allclose(median[[0, 4]], [10, 40], rtol=0.1)
    assert median[5] == 0
    assert median[6] < 4


def test_an_item_keeps_a_week_of_its_own() -> None:
    """In a shop without a rhythm, bread for Saturdays is forecast for Saturdays, at every quantile and in the mean."""
    own = np.array([2, 2, 2, 2, 6, 18, 3])
    units = np.random.default_rng(3).poisson(5, (200, 420))
    units[:50] = np.random.default_rng(4).poisson(own[np.arange(420) % 7], (50, 420))
    history = ClientHistory(FIRST, np.full(420, 200.0))
    forecast = ENGINE.forecast(bare_panel(units), 7, (0.1, 0.5, 0.9), history)
    np.testing.assert_allclose(forecast.quantiles[:50, :, 1].mean(axis=0), own, rtol=0.2)
    np.testing.assert_allclose(forecast.mean[:50].mean(axis=0), own, rtol=0.25)  # a little is left to the shop's week
    ratio = forecast.quantiles[:50, 5].mean(axis=0) / forecast.quantiles[:50, 0].mean(axis=0)
    assert (ratio > 4).all()
    np.testing.assert_allclose(forecast.quantiles[50:, :, 1].mean(axis=0), 5, rtol=0.1)


def test_what_is_sold_whole_is_forecast_whole() -> None:
    units = np.random.default_rng(3).poisson(3, (40, 300)).astype(np.float32)
    units[20:] += 0.125 * (units[20:] > 0)
    quantiles = ENGINE.forecast(
        bare_panel(units), 14, DAILY_QUANTILES, ClientHistory(FIRST, np.full(300, 40.0))
    ).quantiles
    assert (quantiles[:20] == np.rint(quantiles[:20])).all()
    assert (quantiles[20:] != np.rint(quantiles[20:])).any()


def test_the_future_of_the_panel_does_not_change_the_past_forecast() -> None:
    records = demand(300)
    longer, history = panel_of(records, 300)
    known = longer.until(250)
    one = ENGINE.forecast(known, 28, DAILY_QUANTILES, history.until(250))
    two = ENGINE.forecast(panel_of(demand(300, seed=99), 300)[0].until(0), 28, DAILY_QUANTILES, history.until(0))
    again = ENGINE.forecast(known, 28, DAILY_QUANTILES, history.until(250))
    np.testing.assert_array_equal(one.quantiles, again.quantiles)
    assert (two.quantiles == 0).all()


def test_a_dormant_item_has_quantiles_of_zero() -> None:
    units = np.ones((2, 500))
    units[0, -200:] = 0
    units[0, :-230] = 0
    forecast = ENGINE.forecast(bare_panel(units), 30, DAILY_QUANTILES, ClientHistory(FIRST, np.full(500, 50.0)))
    assert (forecast.quantiles[0] == 0).all()
    assert (forecast.mean[0] < 0.05).all()
    assert (forecast.mean[1] > 0.9).all()


def test_an_item_that_sells_rarely_has_a_mean_beyond_its_quantiles() -> None:
    units = np.zeros((1, 400))
    units[0, ::40] = 5
    forecast = ENGINE.forecast(bare_panel(units), 10, DAILY_QUANTILES, ClientHistory(FIRST, np.full(400, 50.0)))
    assert (forecast.quantiles[..., -1] == 0).all()
    assert (forecast.mean > 0.05).all()


def test_a_new_item_is_less_certain_than_its_single_day() -> None:
    units = np.random.default_rng(5).poisson(3, (50, 400)).astype(np.float64)
    units[0, :-1] = np.nan
    units[0, -1] = 8
    quantiles = ENGINE.forecast(
        bare_panel(units), 1, DAILY_QUANTILES, ClientHistory(FIRST, np.full(400, 50.0))
    ).quantiles[0, 0]
    assert quantiles[-1] > quantiles[0]


@given(
    arrays(np.float32, (3, 9), elements=st.floats(0, 100, width=32)),
    arrays(np.float32, (3, 9), elements=st.floats(0.0078125, 4, width=32)),
)
def test_weighted_quantiles_stay_between_their_samples_and_rise(values: np.ndarray, weight: np.ndarray) -> None:
    ordered = np.sort(values, axis=1)
    quantiles = weighted_quantiles(ordered, weight, np.array([0.0, 0.1, 0.5, 0.9, 1.0]))
    tolerance = 1e-3
    assert (quantiles >= ordered[:, :1] - tolerance).all()
    assert (quantiles <= ordered[:, -1:] + tolerance).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()


def test_a_weight_counts_like_so_many_samples() -> None:
    once = weighted_quantiles(np.array([[1, 2, 5.0]], np.float32), np.array([[1, 3, 1]], np.float32), np.array([0.5]))
    thrice = weighted_quantiles(np.array([[1, 2, 2, 2, 5.0]], np.float32), np.ones((1, 5), np.float32), np.array([0.5]))
    assert once[0, 0] == pytest.approx(thrice[0, 0]) == 2.0


def test_a_learned_holiday_is_forecast_zero() -> None:
    first = dt.date(2022, 1, 3)
    panel, history = panel_of(demand(715, first=first), 715, first)  # up to 2023-12-18
    forecast = ENGINE.forecast(panel, 20, DAILY_QUANTILES, history)
    christmas = (dt.date(2023, 12, 25) - panel.origin).days
    assert (forecast.quantiles[:, christmas] == 0).all()
    assert forecast.mean[:, christmas].sum() == 0
    assert forecast.mean[:, christmas - 3].sum() > 0
