"""An item's past windows in the published distribution: towards themselves, as far as there are enough of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_job.totals.calibration import WindowTotals
from forecast_job.totals.own_past import with_own_past
from shared.arrays import Floats32
from shared.bigquery.tables import WINDOW_QUANTILES

_WINDOWS = (7, 28)
DAYS = np.ones(364)  # all alike


def pooled(rows: int, scale: float = 1.0) -> WindowTotals:
    """Quantiles of 1 to 14 a week and four times that in four weeks, the same for all rows."""
    week = np.arange(1.0, len(WINDOW_QUANTILES) + 1) * scale
    table = np.stack([week, 4 * week])
    return WindowTotals(
        np.broadcast_to(table, (rows, *table.shape)).astype(np.float32),
        np.broadcast_to(np.array([7.0, 28.0]) * scale, (rows, 2)).astype(np.float32),
    )


@given(st.integers(1, 500), st.integers(0, 2**32 - 1), st.sampled_from((0.0, 0.3, 1.0)))
def test_quantiles_stay_ascending_and_finite_and_the_mean_as_it_was(days: int, seed: int, unknown: float) -> None:
    random = np.random.default_rng(seed)
    units = random.exponential(1.0, (5, days)).astype(np.float32)
    units[random.random(units.shape) < unknown] = np.nan
    before = pooled(5)
    mixed = with_own_past(before, units, np.ones(days), _WINDOWS, WINDOW_QUANTILES)
    assert np.isfinite(mixed.quantiles).all()
    assert (np.diff(mixed.quantiles, axis=2) >= 0).all()
    assert (np.diff(mixed.quantiles, axis=1) >= 0).all()
    assert mixed.mean is before.mean


def year(*days_with_units: tuple[int, float]) -> Floats32:
    """A year of a unit a day, and more on some days."""
    units = np.ones((1, 364), dtype=np.float32)
    for day, more in days_with_units:
        units[0, day] = more
    return units


def test_past_bulk_orders_are_stocked_for_and_their_absence_is_not() -> None:
    steady, bulky = year(), year((40, 300.0), (120, 280.0), (200, 310.0), (290, 305.0))
    top = [
        with_own_past(pooled(1), units, DAYS, _WINDOWS, WINDOW_QUANTILES).quantiles[0, 1, -1]
        for units in (steady, bulky)
    ]
    alone = pooled(1).quantiles[0, 1, -1]
    assert top[0] < alone < top[1]


def test_without_a_past_of_that_length_it_is_the_pooled_one() -> None:
    mixed = with_own_past(pooled(1), year()[:, :20], DAYS[:20], _WINDOWS, WINDOW_QUANTILES).quantiles
    assert mixed[0, 1] == pytest.approx(pooled(1).quantiles[0, 1], rel=1e-6)
    unknown = np.full((1, 364), np.nan, dtype=np.float32)
    same = with_own_past(pooled(1), unknown, DAYS, _WINDOWS, WINDOW_QUANTILES).quantiles
    assert same[0, 0] == pytest.approx(pooled(1).quantiles[0, 0], rel=0.05)


def test_an_unknown_week_of_weekly_records_is_no_week_without_a_sale() -> None:
    """What is unknown counts like the rest of its window, and the other days of such a shop are none."""
    mondays = np.arange(364) % 7 == 0
    units: Floats32 = np.where(mondays, np.float32(7), np.float32(0))[None, :]
    masked = units.copy()
    masked[0, np.flatnonzero(mondays)[1::8]] = np.nan
    shares = mondays.astype(np.float64)
    whole, part = (with_own_past(pooled(1), of, shares, _WINDOWS, WINDOW_QUANTILES) for of in (units, masked))
    np.testing.assert_allclose(part.quantiles[0, 1], whole.quantiles[0, 1], rtol=1e-3)


def test_nothing_expected_stays_nothing() -> None:
    mixed = with_own_past(pooled(1, scale=0.0), year(), DAYS, _WINDOWS, WINDOW_QUANTILES)
    assert not mixed.quantiles.any()
