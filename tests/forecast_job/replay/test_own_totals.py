"""An item's past windows: their totals, what is unknown in them, and today's level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_job.replay.own_totals import own_totals


@given(st.integers(1, 400), st.lists(st.integers(1, 60), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_each_total_is_the_sum_of_its_window(length: int, days: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    units = random.poisson(3, (len(days), length)).astype(np.float32)
    window = np.array(days)
    recent = units[:, -364:]
    sums = [
        [recent[row, end - of : end].sum() if end >= of else np.nan for end in range(1, recent.shape[1] + 1)]
        for row, of in enumerate(days)
    ]
    means = np.array([np.nanmean(one) if np.isfinite(one).any() else 0.0 for one in sums])
    own = own_totals(units, window, means)
    assert own.totals == pytest.approx(np.array(sums), nan_ok=True)
    known = np.isfinite(sums).sum(axis=1)
    assert own.independent == pytest.approx(np.where(known > 0, (known - 1) / window + 1, 0))


def test_totals_are_brought_to_todays_level_and_no_further_than_twice() -> None:
    units = np.tile(np.array([1.0, 3.0], dtype=np.float32), (4, 10))
    own = own_totals(units, np.full(4, 4), np.array([8.0, 4.0, 0.0, 100.0]))
    assert np.nanmax(own.totals, axis=1).tolist() == [8.0, 4.0, 0.0, 16.0]


def test_what_is_unknown_counts_like_the_rest_and_too_little_not_at_all() -> None:
    units = np.full((1, 8), 2.0, dtype=np.float32)
    units[0, :2] = np.nan
    own = own_totals(units, np.array([4]), np.array([8.0]))
    # Windows with two of four days unknown say nothing; with one, it is taken as the others.
    assert own.totals[0].tolist() == pytest.approx([np.nan] * 4 + [8.0] * 4, nan_ok=True)
    nothing = own_totals(np.full((1, 8), np.nan, dtype=np.float32), np.array([4]), np.array([8.0]))
    assert np.isnan(nothing.totals).all()
    assert nothing.independent.tolist() == [0.0]
