"""From a service level to units that cover the demand, and to levels by what a unit costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from shared.domain.planning.quantities import thousandths
from shared.domain.planning.service_level import (
    OwnTotals,
    PublishedTotals,
    allocated_levels,
    demand_at_level,
    order_cycle_days,
)

_ITEMS = 5
_levels = st.floats(0.01, 0.999)
_days = st.integers(0, 120)
_costs = st.lists(st.floats(0, 500), min_size=1, max_size=40).map(np.array)
_WEEK = 7.0
_WINDOW_DAYS = 21


@st.composite
def totals(draw: st.DrawFn) -> PublishedTotals:
    """Tables as the job publishes them: ascending in window and level, with zeros."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    raw = random.exponential(
        draw(st.sampled_from((0.5, 20.0, 500.0))), (_ITEMS, len(WINDOW_DAYS), len(WINDOW_QUANTILES))
    )
    raw[:, :, : draw(st.integers(0, len(WINDOW_QUANTILES)))] = 0.0
    table = np.maximum.accumulate(np.sort(raw, axis=2), axis=1)
    return PublishedTotals(WINDOW_DAYS, WINDOW_QUANTILES, table, random.exponential(3.0, _ITEMS))


def covering(totals: PublishedTotals, level: float, days: int) -> NDArray[np.int64]:
    """Thousandths: what is ordered up to."""
    return thousandths(demand_at_level(totals, level, np.full(_ITEMS, days)))


@given(totals(), _levels, st.floats(0, 0.999), _days)
def test_a_higher_level_never_asks_for_less(totals: PublishedTotals, level: float, more: float, days: int) -> None:
    higher = level + more * (0.9995 - level)
    assert (covering(totals, level, days) <= covering(totals, higher, days)).all()


@given(totals(), _levels, _days, _days)
def test_a_longer_window_never_asks_for_less(totals: PublishedTotals, level: float, days: int, more: int) -> None:
    assert (covering(totals, level, days) <= covering(totals, level, days + more)).all()


@given(totals(), st.lists(_levels, min_size=_ITEMS, max_size=_ITEMS), _days)
def test_each_item_can_have_a_level_of_its_own(totals: PublishedTotals, levels: list[float], days: int) -> None:
    each = thousandths(demand_at_level(totals, np.array(levels), np.full(_ITEMS, days)))
    assert each.tolist() == [covering(totals, level, days)[item] for item, level in enumerate(levels)]


def test_it_is_the_published_quantile_at_a_published_window() -> None:
    table = np.tile(np.arange(1.0, len(WINDOW_QUANTILES) + 1), (1, len(WINDOW_DAYS), 1))
    published = PublishedTotals(WINDOW_DAYS, WINDOW_QUANTILES, table, np.zeros(1))
    assert demand_at_level(published, 0.95, np.array([21])).tolist() == [WINDOW_QUANTILES.index(0.95) + 1]


def test_nothing_expected_asks_for_nothing() -> None:
    none = PublishedTotals(WINDOW_DAYS, WINDOW_QUANTILES, np.zeros((1, len(WINDOW_DAYS), 14)), np.zeros(1))
    assert demand_at_level(none, 0.999, np.array([37])).tolist() == [0]


@st.composite
def own_totals(draw: st.DrawFn) -> OwnTotals:
    """Past totals with gaps; some items without any."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    totals = random.exponential(draw(st.sampled_from((0.5, 20.0, 2000.0))), (_ITEMS, 30))
    totals[random.random(totals.shape) < draw(st.sampled_from((0.0, 0.5, 1.0)))] = np.nan
    known = (~np.isnan(totals)).sum(axis=1)
    return OwnTotals(totals, np.where(known > 0, random.uniform(1, 50, _ITEMS), 0.0))


def with_own(totals: PublishedTotals, own: OwnTotals, level: float) -> NDArray[np.int64]:
    return thousandths(demand_at_level(totals, level, np.full(_ITEMS, _WINDOW_DAYS), own))


@given(totals(), own_totals(), _levels, st.floats(0, 0.999))
def test_with_own_totals_too_a_higher_level_never_asks_for_less(
    totals: PublishedTotals, own: OwnTotals, level: float, more: float
) -> None:
    higher = level + more * (0.9995 - level)
    assert (with_own(totals, own, level) <= with_own(totals, own, higher)).all()


@given(totals(), own_totals(), _levels)
def test_own_totals_move_the_target_towards_themselves_and_not_beyond(
    totals: PublishedTotals, own: OwnTotals, level: float
) -> None:
    published, mixed = covering(totals, level, _WINDOW_DAYS), with_own(totals, own, level)
    for item in range(_ITEMS):
        past = own.totals[item][~np.isnan(own.totals[item])]
        if not len(past) or not totals.quantiles[item].any():
            assert abs(mixed[item] - published[item]) <= max(1, 1e-6 * published[item])
            continue
        alone = 1000 * np.sort(past)[int(np.ceil(level * len(past) - 1e-9)) - 1]
        low, high = sorted((published[item], alone))
        assert low - max(1, 1e-6 * low) <= mixed[item] <= high + max(1, 1e-6 * high)


def test_past_bulk_orders_are_stocked_for_and_their_absence_is_not() -> None:
    table = np.tile(np.arange(1.0, len(WINDOW_QUANTILES) + 1), (2, len(WINDOW_DAYS), 1))
    published = PublishedTotals(WINDOW_DAYS, WINDOW_QUANTILES, table, np.zeros(2))
    own = OwnTotals(np.array([[5.0] * 9 + [300.0], [5.0] * 10]), np.full(2, 15.0))
    days = np.full(2, _WINDOW_DAYS)
    bulky, steady = demand_at_level(published, 0.97, days, own)
    alone = demand_at_level(published, 0.97, days)[0]
    # A third of the weight is the items' own: 1/3 x 1/10 alone is more than .03, and 2/3 x .045 is .03.
    assert bulky == pytest.approx(300)
    assert steady < alone
    assert steady == pytest.approx(demand_at_level(published, 0.955, days)[1], abs=0.002)


def test_a_cycle_lasts_as_long_as_the_smallest_order() -> None:
    daily = np.array([2.0, 2.0, 2.0, 0.0, 0.001])
    moq, pack = np.array([20, 1, 0, 5, 90]) * 1000, np.array([6, 48, 1, 1, 1]) * 1000
    assert order_cycle_days(daily, moq, pack, 7).tolist() == [10.0, 24.0, 7.0, 365.0, 365.0]
    assert order_cycle_days(daily[:1], moq[:1], pack[:1], 400).tolist() == [400.0]


@given(_costs, st.floats(0.31, 0.9998), st.integers(0, 2**32 - 1))
def test_allocated_levels_have_the_mean_asked_for(costs: NDArray[np.float64], level: float, seed: int) -> None:
    cycles = np.random.default_rng(seed).uniform(7, 365, len(costs))
    levels = allocated_levels(level, costs, cycles)
    if (costs > 0).all():
        assert np.average(levels, weights=1 / cycles) == pytest.approx(level, abs=1e-6)
    assert ((levels > 0) & (levels < 1)).all()


@given(_costs, st.floats(0.4, 0.999))
def test_a_dearer_item_never_has_a_higher_level(costs: NDArray[np.float64], level: float) -> None:
    levels = allocated_levels(level, np.sort(costs), np.full(len(costs), _WEEK))
    assert (np.diff(levels) <= 0).all()


def test_the_chance_of_running_out_is_proportional_to_the_cost_and_the_cycle() -> None:
    equal = np.full(3, _WEEK)
    assert allocated_levels(0.96, np.array([1.0, 2.0, 3.0]), equal) == pytest.approx([0.98, 0.96, 0.94])
    # Twice as many short cycles as long ones: (2 x .02 + .04) / 3 = .0267.
    assert allocated_levels(1 - 0.08 / 3, np.ones(2), np.array([10.0, 20.0])) == pytest.approx([0.98, 0.96])


def test_levels_are_equal_where_costs_are_or_are_unknown() -> None:
    for costs in (np.full(3, 7.0), np.zeros(3), np.zeros(0)):
        assert allocated_levels(0.9, costs, np.full(len(costs), _WEEK)) == pytest.approx(np.full(len(costs), 0.9))
