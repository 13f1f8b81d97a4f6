"""The distribution of total demand: read at any window and any stock, monotone in both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from shared.domain.planning.demand_distribution import (
    exceedance,
    normal_exceedance,
    normal_quantile_at,
    quantile_at,
    quantiles_over,
    tail_scales,
)

_units = st.floats(0, 2000, allow_nan=False, width=32)


@st.composite
def tables(draw: st.DrawFn) -> NDArray[np.float64]:
    """One published table (1 x windows x levels), ascending in both as the job publishes it; with ties and zeros."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    raw = random.exponential(draw(st.sampled_from((0.5, 20.0, 500.0))), (len(WINDOW_DAYS), len(WINDOW_QUANTILES)))
    raw = np.sort(np.round(raw, draw(st.integers(0, 3))), axis=1)
    raw[:, : draw(st.integers(0, len(WINDOW_QUANTILES)))] = 0.0
    return np.maximum.accumulate(raw, axis=0)[None]


def risk(table: NDArray[np.float64], days: int, stock: float, tail: float = 1.0) -> float:
    """P(demand over `days` > stock) as the metrics read it."""
    wanted, daily = np.array([days]), np.array([tail])
    quantiles = quantiles_over(wanted, WINDOW_DAYS, table, daily)
    scales = tail_scales(wanted, WINDOW_DAYS, WINDOW_QUANTILES, table)
    return float(exceedance(WINDOW_QUANTILES, quantiles, scales, np.array([stock]))[0])


@given(tables(), st.integers(0, 200), st.floats(-10, 5000))
def test_exceedance_is_a_probability(table: NDArray[np.float64], days: int, stock: float) -> None:
    assert 0 <= risk(table, days, stock) <= 1


@given(tables(), st.integers(0, 120), _units, _units)
def test_more_stock_never_raises_exceedance(table: Any, days: int, stock: float, more: float) -> None:
    assert risk(table, days, stock + more) <= risk(table, days, stock) + 1e-12


@given(tables(), st.integers(0, 120), st.integers(1, 60), _units)
def test_a_longer_window_never_lowers_exceedance(table: Any, days: int, longer: int, stock: float) -> None:
    assert risk(table, days + longer, stock) >= risk(table, days, stock) - 1e-9


def test_the_tail_of_a_longer_window_is_not_thinner() -> None:
    """The gap between the last two quantiles may shrink with the window; the tail beyond them must not."""
    table = np.zeros((1, len(WINDOW_DAYS), len(WINDOW_QUANTILES)))
    table[0, :, -2] = 10
    table[0, 4:, -2] = 20
    table[0, :, -1] = 20
    assert 0 < risk(table, 10, 25.0) <= risk(table, 14, 25.0)


@pytest.mark.slow
@given(st.lists(st.integers(0, 500), min_size=40, max_size=200), st.integers(0, 600))
def test_exceedance_agrees_with_the_sample_it_was_tabulated_from(sample: list[int], stock: int) -> None:
    """Between two tabulated levels lies the share of the sample above the stock; at a level, exactly."""
    quantiles = np.quantile(np.array(sample, dtype=float), WINDOW_QUANTILES, method="inverted_cdf")[None]
    scales = (quantiles[:, -1] - quantiles[:, -2]) / np.log(2)
    found = float(exceedance(WINDOW_QUANTILES, quantiles, scales, np.array([float(stock)]))[0])
    covered = int((quantiles[0] <= stock).sum())
    most = 1.0 if covered == 0 else 1 - WINDOW_QUANTILES[covered - 1]
    least = 1 - WINDOW_QUANTILES[covered] if covered < len(WINDOW_QUANTILES) else 0.0
    above = float(np.mean(np.array(sample) > stock))
    assert least - 1e-9 <= found <= most + 1e-9
    assert least - 1e-9 <= above <= most + 1e-9
    if stock in quantiles[0] and scales[0] > 0:
        assert found == pytest.approx(most)


@pytest.mark.parametrize(("stock", "expected"), [(0.0, 1.0), (5.0, 0.75), (10.0, 0.5), (15.0, 0.3), (20.0, 0.1)])
def test_levels_are_interpolated_from_nothing_sold_on(stock: float, expected: float) -> None:
    found = exceedance((0.5, 0.9), np.array([[10.0, 20.0]]), np.array([1.0]), np.array([stock]))
    assert found[0] == pytest.approx(expected)


def test_beyond_the_last_level_the_tail_falls_exponentially() -> None:
    """One more gap of the last two quantiles (.5 to .9: a fifth) leaves a fifth of the tail."""
    table = np.tile(np.array([10.0, 20.0]), (1, 1, 1))
    scales = tail_scales(np.array([7]), (7,), (0.5, 0.9), table)
    found = [exceedance((0.5, 0.9), table[0], scales, np.array([stock]))[0] for stock in (20.0, 30.0, 40.0)]
    assert found == pytest.approx([0.1, 0.02, 0.004])


def test_a_far_smaller_stock_than_the_last_quantile_overflows_nothing() -> None:
    quantiles = np.array([[999.99, 1000.0]])
    assert exceedance((0.98, 0.99), quantiles, np.array([1e-5]), np.array([1.0]))[0] == pytest.approx(0.999, abs=1e-3)


def test_quantiles_are_interpolated_between_windows_and_grow_by_the_daily_tail_beyond() -> None:
    table = np.array([[[10.0, 20.0], [30.0, 40.0]]])
    found = [
        quantiles_over(np.array([days]), (10, 20), table, np.array([2.0]))[0].tolist()
        for days in (0, 5, 10, 15, 20, 23)
    ]
    assert found == [[0, 0], [5, 10], [10, 20], [20, 30], [30, 40], [36, 46]]


@given(st.floats(0.01, 100), st.floats(0, 1000), st.integers(0, 200), st.integers(0, 50), st.floats(-50, 5000))
def test_without_a_forecast_risk_is_monotone_too(
    mean: float, variance: float, days: int, longer: int, stock: float
) -> None:
    def at(window: int, units: float) -> float:
        return float(normal_exceedance(np.array([mean * window]), np.array([variance * window]), np.array([units]))[0])

    assert 0 <= at(days, stock) <= 1
    assert at(days, stock + 1) <= at(days, stock)
    assert at(days + longer, stock) >= at(days, stock) - 1e-12


@pytest.mark.parametrize(
    ("mean", "variance", "stock", "expected"),
    [
        (10, 4, 10, 0.5),
        (10, 4, 12, 0.158655),
        (10, 4, 8, 0.841345),
        (10, 0, 10, 0.0),
        (10, 0, 9.5, 1.0),
        (0, 4, -1, 1.0),
    ],
)
def test_normal_exceedance(mean: float, variance: float, stock: float, expected: float) -> None:
    found = normal_exceedance(np.array([float(mean)]), np.array([float(variance)]), np.array([float(stock)]))
    assert found[0] == pytest.approx(expected, abs=1e-5)


@given(tables(), st.integers(1, 120), st.floats(0.01, 0.9999))
def test_a_stock_at_a_quantile_is_exceeded_as_often_as_its_level_says(
    table: NDArray[np.float64], days: int, level: float
) -> None:
    """The inverse of the risk, up to steps: where demand is in heaps, a level falls inside one."""
    wanted, daily = np.array([days]), np.array([1.0])
    quantiles = quantiles_over(wanted, WINDOW_DAYS, table, daily)
    scales = tail_scales(wanted, WINDOW_DAYS, WINDOW_QUANTILES, table)
    stock = float(quantile_at(level, WINDOW_QUANTILES, quantiles, scales)[0])
    assert risk(table, days, stock + 1e-6 * (1 + stock)) <= 1 - level + 1e-3
    if stock > 1e-3:
        assert risk(table, days, stock - 1e-6 * (1 + stock)) >= 1 - level - 1e-3


@given(tables(), st.integers(1, 120), st.floats(0.01, 0.99), st.floats(0, 0.009))
def test_a_higher_level_never_has_a_smaller_quantile(
    table: NDArray[np.float64], days: int, level: float, more: float
) -> None:
    wanted = np.array([days])
    quantiles = quantiles_over(wanted, WINDOW_DAYS, table, np.array([1.0]))
    scales = tail_scales(wanted, WINDOW_DAYS, WINDOW_QUANTILES, table)
    low, high = (quantile_at(at, WINDOW_QUANTILES, quantiles, scales)[0] for at in (level, level + more))
    assert low <= high + 1e-9


@pytest.mark.parametrize(("level", "expected"), [(0.5, 10.0), (0.95, 13.2897), (0.001, 3.8195), (1e-9, 0.0)])
def test_normal_quantiles(level: float, expected: float) -> None:
    assert normal_quantile_at(level, np.array([10.0]), np.array([4.0]))[0] == pytest.approx(expected, abs=1e-4)
