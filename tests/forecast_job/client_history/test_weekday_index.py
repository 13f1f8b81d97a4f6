"""An item's own week: believed as far as its own days show it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_job.client_history.weekday_index import weekday_index

DAYS = 364
WEEKDAY = np.arange(DAYS) % 7
SHOP = np.array([0.9, 1.0, 1.0, 1.1, 1.2, 0.8, 0.0])


def _index(units: np.ndarray, profile: np.ndarray = SHOP) -> np.ndarray:
    known = np.broadcast_to((profile[WEEKDAY] > 0).astype(np.float32), units.shape)
    return weekday_index(units.astype(np.float32) * known, known, WEEKDAY, profile)


@given(arrays(np.float32, (3, DAYS), elements=st.one_of(st.just(0.0), st.floats(0, 1e4, width=32))))
@settings(max_examples=50, deadline=None)
def test_the_shops_week_is_the_mean(units: np.ndarray) -> None:
    index = _index(units)
    assert np.isfinite(index).all()
    assert (index > 0).all()
    np.testing.assert_allclose((index * SHOP).sum(axis=1), SHOP.sum(), rtol=1e-6)


def test_an_item_like_the_shop_has_no_week_of_its_own() -> None:
    np.testing.assert_allclose(_index(np.tile(50 * SHOP[WEEKDAY], (2, 1))), 1, atol=1e-4)


def test_much_evidence_is_believed_and_little_is_not() -> None:
    own = np.array([1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 0.0])
    rng = np.random.default_rng(7)
    busy, quiet = (_index(rng.poisson(level * own[WEEKDAY], (60, DAYS))).mean(axis=0) for level in (10, 0.02))
    ratio = own[4] / own[0] / (SHOP[4] / SHOP[0])
    assert busy[4] / busy[0] > 0.9 * ratio
    assert quiet[4] / quiet[0] < 1 + 0.3 * (ratio - 1)


def test_nothing_sold_or_known_is_the_shops_week() -> None:
    np.testing.assert_array_equal(_index(np.zeros((1, DAYS))), 1)
    nothing = np.zeros((1, 0), dtype=np.float32)
    np.testing.assert_array_equal(weekday_index(nothing, nothing, np.zeros(0, dtype=np.int64), SHOP), 1)
