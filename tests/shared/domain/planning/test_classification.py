"""Classes of items: borders, order independence, and what must hold for any demand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shared.domain.planning import classification
from shared.domain.planning.classification import Lifecycle, Pattern

REVENUES = arrays(np.float64, st.integers(0, 40), elements=st.floats(-10, 1e6))
WEEKLY = arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(0, 110)),
    elements=st.one_of(st.just(0.0), st.just(np.nan), st.floats(0, 1e5, width=32)),
)


def test_abc_splits_revenue_80_15_5() -> None:
    assert classification.abc(np.array([5.0, 15.0, 80.0])).tolist() == ["C", "B", "A"]
    assert classification.abc(np.array([100.0])).tolist() == ["A"]
    assert classification.abc(np.array([0.0, 0.0])).tolist() == ["C", "C"]


@given(REVENUES)
def test_a_items_bring_the_share_and_no_lesser_item_ranks_higher(revenue: np.ndarray) -> None:
    labels = classification.abc(revenue)
    positive = np.maximum(revenue, 0)
    assert len(labels) == len(revenue)
    if positive.sum() > 0:
        assert positive[labels == "A"].sum() >= classification.A_SHARE * positive.sum() * (1 - 1e-9)
        assert positive[labels != "C"].sum() >= classification.B_SHARE * positive.sum() * (1 - 1e-9)
    order = np.argsort(-positive, kind="stable")
    assert sorted(labels[order]) == labels[order].tolist()


@given(arrays(np.float64, 12, elements=st.floats(1, 1e4), unique=True), st.permutations(range(12)))
def test_abc_does_not_depend_on_the_order_of_items(revenue: np.ndarray, order: list[int]) -> None:
    assert classification.abc(revenue[order]).tolist() == classification.abc(revenue)[order].tolist()


def test_xyz_by_the_variation_of_weeks() -> None:
    weekly = np.array([[10.0] * 8, [4.0, 16.0] * 4, [0.0, 20.0] * 4, [0, 0, 0, 80.0] * 2, [0.0] * 8])
    assert classification.xyz(weekly).tolist() == ["X", "Y", "Y", "Z", "Z"]


@given(WEEKLY, st.floats(0.1, 100))
def test_xyz_does_not_depend_on_the_unit(weekly: np.ndarray, factor: float) -> None:
    steady = np.where(weekly > 0, 3.0, weekly)  # away from rounding at a border
    assert classification.xyz(steady * factor).tolist() == classification.xyz(steady).tolist()


def test_intermittence_counts_from_the_first_sale() -> None:
    weekly = np.array([[0, 0, 4.0, 0, 8.0, 0], [np.nan, 0, 4.0, np.nan, 8.0, 0], [0.0] * 6])
    adi, cv2 = classification.intermittence(weekly)
    np.testing.assert_allclose(adi, [2.0, 1.5, np.nan])
    np.testing.assert_allclose(cv2, [1 / 9, 1 / 9, np.nan])


@given(WEEKLY)
def test_adi_is_at_least_one_and_cv2_not_negative(weekly: np.ndarray) -> None:
    adi, cv2 = classification.intermittence(weekly)
    sold = (np.nan_to_num(weekly) > 0).any(axis=1)
    assert (np.isnan(adi) == ~sold).all()
    assert (np.isnan(cv2) == ~sold).all()
    assert (adi[sold] >= 1).all()
    assert (cv2[sold] >= -1e-9).all()


@pytest.mark.parametrize(
    ("adi", "cv2", "expected"),
    [
        (1.0, 0.0, Pattern.SMOOTH),
        (1.32, 0.49, Pattern.SMOOTH),
        (1.33, 0.49, Pattern.INTERMITTENT),
        (1.32, 0.50, Pattern.ERRATIC),
        (1.33, 0.50, Pattern.LUMPY),
        (np.nan, np.nan, Pattern.NONE),
    ],
)
def test_pattern_borders(adi: float, cv2: float, expected: Pattern) -> None:
    assert classification.pattern(np.array([adi]), np.array([cv2])).tolist() == [expected]


def _weeks(*stretches: tuple[int, float]) -> np.ndarray:
    return np.concatenate([np.full(length, units) for length, units in stretches])[None, :]


@pytest.mark.parametrize(
    ("weekly", "expected"),
    [
        (_weeks((104, 0)), Lifecycle.UNSOLD),
        (np.full((1, 104), np.nan), Lifecycle.UNSOLD),
        (_weeks((92, 0), (12, 5)), Lifecycle.NEW),
        (_weeks((103, 0), (1, 5)), Lifecycle.NEW),
        (_weeks((91, 0), (13, 5)), Lifecycle.ACTIVE),
        (_weeks((78, 5), (26, 0)), Lifecycle.DEAD),
        (_weeks((79, 5), (25, 0)), Lifecycle.DECLINING),
        (_weeks((91, 5), (13, 2)), Lifecycle.DECLINING),
        (_weeks((91, 5), (13, 3)), Lifecycle.ACTIVE),
        (_weeks((40, 0), (8, 50), (44, 0), (8, 60), (4, 0)), Lifecycle.SEASONAL),
        (_weeks((10, 0), (8, 50), (44, 0), (8, 60), (34, 0)), Lifecycle.SEASONAL),  # out of season: not dead
        (_weeks((52, 0), (10, 50), (42, 0)), Lifecycle.DEAD),  # one season may have been the only one
        (_weeks((104, 5)), Lifecycle.ACTIVE),
    ],
)
def test_lifecycle(weekly: np.ndarray, expected: Lifecycle) -> None:
    assert classification.lifecycle(weekly).tolist() == [expected]


@given(WEEKLY)
def test_every_item_has_a_lifecycle_of_its_own(weekly: np.ndarray) -> None:
    together = classification.lifecycle(weekly)
    alone = [classification.lifecycle(row[None, :])[0] for row in weekly]
    assert together.tolist() == alone
    assert set(together) <= {one.value for one in Lifecycle}
