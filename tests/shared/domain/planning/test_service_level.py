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
    PublishedTotals,
    ServiceLevels,
    days_covered,
    demand_at_level,
    order_cycle_days,
)

_ITEMS = 5
_levels = st.floats(0.01, 0.999)
_days = st.integers(0, 120)
_costs = st.lists(st.floats(0, 500), min_size=1, max_size=40).map(np.array)
_WEEK = 7.0


def allocated_levels(
    mean: float, unit_cost: NDArray[np.float64], cycle_days: NDArray[np.float64]
) -> NDArray[np.float64]:
    return ServiceLevels.allocated(mean, unit_cost, cycle_days).of(unit_cost, cycle_days)


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


@given(totals(), st.lists(_levels, min_size=_ITEMS, max_size=_ITEMS), st.floats(0, 5000))
def test_units_suffice_for_the_days_that_they_cover_and_no_longer(
    totals: PublishedTotals, levels: list[float], units: float
) -> None:
    level = np.array(levels)
    covered = days_covered(totals, level, np.full(_ITEMS, units))
    for item, days in enumerate(covered.tolist()):
        if days < 10_000:
            asked = demand_at_level(totals, level, np.full(_ITEMS, int(days)))[item]
            assert asked <= units * (1 + 1e-9) + 1e-6
            longer = demand_at_level(totals, level, np.full(_ITEMS, int(days) + 1))[item]
            assert longer >= units * (1 - 1e-9) - 1e-6


def test_nothing_covers_no_day_and_what_does_not_sell_is_covered_for_ever() -> None:
    table = np.tile(np.arange(1.0, len(WINDOW_QUANTILES) + 1), (3, len(WINDOW_DAYS), 1))
    table *= np.array(WINDOW_DAYS)[None, :, None]
    table[2] = 0.0
    published = PublishedTotals(WINDOW_DAYS, WINDOW_QUANTILES, table, np.zeros(3))
    covered = days_covered(published, np.full(3, 0.01), np.array([0.0, 20.0, 1.0]))
    assert covered.tolist() == [0.0, 20.0, np.inf]  # a unit a day at the lowest level
    assert days_covered(published, np.full(3, 0.01), np.full(3, -1.0)).tolist() == [0.0, 0.0, 0.0]


def test_a_cycle_lasts_as_long_as_the_smallest_order() -> None:
    daily = np.array([2.0, 2.0, 2.0, 0.0, 0.001])
    moq, pack = np.array([20, 1, 0, 5, 90]) * 1000, np.array([6, 48, 1, 1, 1]) * 1000
    assert order_cycle_days(daily, moq, pack, 7).tolist() == [10.0, 24.0, 7.0, 365.0, 365.0]
    assert order_cycle_days(daily[:1], moq[:1], pack[:1], 400).tolist() == [400.0]


@given(_costs, st.floats(0.31, 0.9998), st.integers(0, 2**32 - 1))
def test_allocated_levels_have_the_mean_asked_for(costs: NDArray[np.float64], level: float, seed: int) -> None:
    cycles = np.random.default_rng(seed).uniform(7, 365, len(costs))
    levels = allocated_levels(level, costs, cycles)
    assert np.average(levels, weights=1 / cycles) == pytest.approx(level, abs=1e-6)
    assert levels[costs == 0].tolist() == [level] * int((costs == 0).sum())
    assert ((levels > 0) & (levels < 1)).all()


@given(_costs, st.floats(0.4, 0.999))
def test_a_dearer_item_never_has_a_higher_level(costs: NDArray[np.float64], level: float) -> None:
    known = np.sort(costs[costs > 0])
    levels = allocated_levels(level, known, np.full(len(known), _WEEK))
    assert (np.diff(levels) <= 0).all()


def test_the_chance_of_running_out_is_proportional_to_the_cost_and_the_cycle() -> None:
    equal = np.full(3, _WEEK)
    assert allocated_levels(0.96, np.array([1.0, 2.0, 3.0]), equal) == pytest.approx([0.98, 0.96, 0.94])
    # Twice as many short cycles as long ones: (2 x .02 + .04) / 3 = .0267.
    assert allocated_levels(1 - 0.08 / 3, np.ones(2), np.array([10.0, 20.0])) == pytest.approx([0.98, 0.96])


def test_levels_are_equal_where_costs_are_or_are_unknown() -> None:
    for costs in (np.full(3, 7.0), np.zeros(3), np.zeros(0)):
        assert allocated_levels(0.9, costs, np.full(len(costs), _WEEK)) == pytest.approx(np.full(len(costs), 0.9))
