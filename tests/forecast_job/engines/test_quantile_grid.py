"""Levels and means from a model's own levels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_job.engines.quantile_grid import interpolation, mean_weights
from shared.bigquery.tables import DAILY_QUANTILES
from tests.support.chronos import QUANTILES

LEVELS = np.array(QUANTILES)
# Between two subnormal numbers there is nothing to interpolate.
UNITS = st.floats(0, 1e6, allow_subnormal=False)
RISING = st.lists(UNITS, min_size=len(QUANTILES), max_size=len(QUANTILES)).map(sorted)


@given(RISING)
def test_levels_of_the_model_are_taken_as_they_are(values: list[float]) -> None:
    asked = np.array(values) @ interpolation(QUANTILES, DAILY_QUANTILES)
    np.testing.assert_allclose(asked, [values[QUANTILES.index(level)] for level in DAILY_QUANTILES])


@given(RISING, st.lists(st.floats(0.001, 0.999), min_size=1, max_size=9).map(sorted))
def test_any_levels_rise_within_those_of_the_model(values: list[float], asked: list[float]) -> None:
    result = np.array(values) @ interpolation(QUANTILES, asked)
    np.testing.assert_allclose(result, np.interp(asked, QUANTILES, values))
    assert (np.diff(result) >= -1e-6 * values[-1]).all()


@pytest.mark.parametrize(
    ("quantiles", "mean", "tolerance"),
    [
        (np.full(len(LEVELS), 7.0), 7.0, 1e-9),
        (LEVELS * 10, 5.0, 0.02),
        (-4 * np.log(1 - LEVELS), 4.0, 0.02),
        (np.quantile(np.random.default_rng(1).poisson(6, 100_000), LEVELS), 6.0, 0.03),
        (np.quantile(np.random.default_rng(1).negative_binomial(0.5, 0.1, 100_000), LEVELS), 4.5, 0.03),
    ],
    ids=["constant", "uniform", "exponential", "poisson", "negative binomial"],
)
def test_the_mean_is_near_the_true_one(quantiles: np.ndarray, mean: float, tolerance: float) -> None:
    assert quantiles @ mean_weights(QUANTILES) == pytest.approx(mean, rel=tolerance)


def test_the_mean_of_a_skewed_demand_is_not_its_median() -> None:
    quantiles = -4 * np.log(1 - LEVELS)
    assert quantiles @ mean_weights(QUANTILES) > 1.3 * quantiles[QUANTILES.index(0.5)]


@pytest.mark.parametrize("levels", [(), (0.5,), (0.5, 0.5), (0.9, 0.1), (0.0, 0.5), (0.5, 1.0)])
def test_levels_that_make_no_mean_are_refused(levels: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="two or more ascending levels"):
        mean_weights(levels)
