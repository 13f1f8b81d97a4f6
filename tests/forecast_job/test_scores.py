"""Scores against hand-made figures, and what must hold for any forecast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_job.scores import (
    coverage,
    mean_absolute_scaled_error,
    pinball_losses,
    relative_bias,
    root_mean_squared_error,
    seasonal_naive_error,
    weighted_absolute_percentage_error,
    weighted_quantile_loss,
)

NAN = np.nan


def test_wape_leaves_unknown_days_out() -> None:
    assert weighted_absolute_percentage_error(np.array([4.0, 6.0, NAN]), np.array([2.0, 7.0, 9.0])) == 0.3
    assert np.isnan(weighted_absolute_percentage_error(np.array([0.0, NAN]), np.array([1.0, 1.0])))


def test_wql_of_the_median_is_the_wape() -> None:
    actual, forecast = np.array([4.0, 6.0, NAN]), np.array([2.0, 7.0, 9.0])
    assert weighted_quantile_loss(actual, forecast[:, None], (0.5,)) == pytest.approx(0.3)


def test_the_losses_of_the_series_make_up_the_weighted_quantile_loss() -> None:
    actual = np.array([[4.0, 6.0, NAN], [0.0, 2.0, 1.0]])
    quantiles = np.arange(12.0).reshape(2, 3, 2)
    losses = pinball_losses(actual, quantiles, (0.5, 0.9))
    assert losses.shape == (2,)
    assert losses.sum() / 13 == pytest.approx(weighted_quantile_loss(actual, quantiles, (0.5, 0.9)))


def test_wql_weighs_the_side_by_the_level() -> None:
    actual = np.array([10.0])
    assert weighted_quantile_loss(actual, np.array([[5.0]]), (0.9,)) == pytest.approx(2 * 0.9 * 5 / 10)
    assert weighted_quantile_loss(actual, np.array([[15.0]]), (0.9,)) == pytest.approx(2 * 0.1 * 5 / 10)


@given(arrays(np.float64, 20, elements=st.floats(0, 100)), st.floats(0.05, 0.95))
def test_no_constant_beats_the_empirical_quantile(actual: np.ndarray, level: float) -> None:
    actual = actual + 1

    def loss(constant: float) -> float:
        return weighted_quantile_loss(actual, np.full((20, 1), constant), (level,))

    best = loss(float(np.quantile(actual, level, method="inverted_cdf")))
    assert all(best <= loss(constant) + 1e-9 for constant in (0.0, 1.0, 50.0, float(actual.mean()), 101.0))


def test_coverage_counts_the_border_as_covered() -> None:
    covered = coverage(
        np.array([1.0, 2.0, 3.0, NAN]), np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 3.0], [0.0, 0.0]]), (0.5, 0.9)
    )
    assert covered == {0.5: pytest.approx(1 / 3), 0.9: 1.0}


def test_the_scaled_error_is_that_of_last_week_said_again() -> None:
    week = np.array([[5.0, 0.0, 2.0, 7.0, 1.0, 0.0, 0.0]])
    units = np.concatenate([week, week + 2, np.full((1, 7), NAN)], axis=1)
    assert seasonal_naive_error(units, 7) == pytest.approx([2.0])
    assert seasonal_naive_error(units[:, 14:], 7) == pytest.approx([0.0])
    actual = np.array([[4.0, NAN], [9.0, 9.0]])
    assert mean_absolute_scaled_error(actual, np.array([[1.0, 5.0], [0.0, 0.0]]), np.array([2.0, 0.0])) == 1.5
    assert np.isnan(mean_absolute_scaled_error(actual, actual, np.zeros(2)))


def test_squared_error_and_bias_leave_unknown_days_out() -> None:
    actual, forecast = np.array([4.0, 6.0, NAN]), np.array([1.0, 10.0, 9.0])
    assert root_mean_squared_error(actual, forecast) == pytest.approx(np.sqrt(12.5))
    assert relative_bias(actual, forecast) == pytest.approx(0.1)
    assert np.isnan(relative_bias(np.zeros(2), np.ones(2)))
    assert np.isnan(root_mean_squared_error(np.full(2, NAN), np.ones(2)))
