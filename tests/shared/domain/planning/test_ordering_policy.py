"""The ordering policy: monotone, the formulas of the rules, and many items at once as one by one in plain Python."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.arrays import Floats, Ints
from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from shared.domain.planning.costs import OrderCosts, Worth
from shared.domain.planning.ordering_policy import (
    DemandAhead,
    Guidance,
    OrderingPolicy,
    OrderPlan,
    PurchaseTerms,
    StockAhead,
)
from shared.domain.planning.service_level import PublishedTotals
from shared.domain.settings import ReplenishmentPolicy, Settings

_ITEMS = 6
_KINDS: tuple[ReplenishmentPolicy, ...] = ("forecast_30d", "service_level")
_COSTS = OrderCosts.of(Settings())
_levels = st.floats(0.01, 0.999)
_own_levels = st.lists(_levels, min_size=_ITEMS, max_size=_ITEMS).map(np.array)
_days = st.integers(0, 120)


@dataclass(frozen=True)
class Case:
    """A policy, n items' demand, position and terms."""

    policy: OrderingPolicy
    demand: DemandAhead
    position: Ints
    terms: PurchaseTerms

    @property
    def stock(self) -> StockAhead:
        return StockAhead(self.position, np.zeros_like(self.position))


@st.composite
def cases(draw: st.DrawFn, kinds: tuple[ReplenishmentPolicy, ...] = _KINDS) -> Case:
    """Items with and without a forecast, some that sell nothing, under any terms."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from((0.5, 20.0, 500.0)))
    forecast = random.random(_ITEMS) < draw(st.sampled_from((0.0, 0.6, 1.0)))
    raw = random.exponential(scale, (int(forecast.sum()), len(WINDOW_DAYS), len(WINDOW_QUANTILES)))
    raw[:, :, : random.integers(0, len(WINDOW_QUANTILES))] = 0.0
    published = PublishedTotals(
        windows=WINDOW_DAYS,
        levels=WINDOW_QUANTILES,
        quantiles=np.maximum.accumulate(np.sort(raw, axis=2), axis=1),
        daily_tail=random.exponential(3.0, int(forecast.sum())),
    )
    mean = np.where(random.random(_ITEMS) < 0.3, 0.0, random.exponential(scale, _ITEMS))
    total_30d = np.where(random.random(_ITEMS) < 0.2, 0.0, random.exponential(30 * scale, _ITEMS)).round(3)
    demand = DemandAhead(
        total_30d=total_30d,
        per_day=np.round(total_30d / 30, 3),
        daily=random.exponential(1.0, (_ITEMS, 40)) * total_30d[:, None] / 30,
        forecast=forecast,
        published=published,
        recent_mean=mean,
        recent_variance=np.where(mean > 0, random.exponential(scale, _ITEMS), 0.0),
    )
    policy = OrderingPolicy(
        kind=draw(st.sampled_from(kinds)),
        safety_buffer_days=draw(st.integers(0, 60)),
        service_level=draw(_levels),
        review_period_days=draw(st.integers(0, 30)),
        allocation="equal",
        costs=_COSTS,
    )
    terms = PurchaseTerms(
        lead_time_days=random.integers(0, 120, _ITEMS),
        moq=random.integers(0, 50_000, _ITEMS),
        packaging_qty=random.integers(1, 24_000, _ITEMS),
    )
    return Case(policy, demand, random.integers(-5_000, 200_000, _ITEMS), terms)


def interpolated(days: int, values: list[float]) -> float:
    """A column of values at the published windows, at `days`: 0 at none, linear between, then level."""
    points = [(0, 0.0), *zip(WINDOW_DAYS, values, strict=True)]
    for (before, low), (after, high) in itertools.pairwise(points):
        if days <= after:
            return low + (high - low) * (days - before) / (after - before)
    return values[-1]


def published_at(table: list[list[float]], tail: float, days: int) -> tuple[list[float], float]:
    """Quantiles at `days` and the scale of their tail, from an item's table (windows x levels)."""
    beyond = max(days - WINDOW_DAYS[-1], 0) * tail
    quantiles = [interpolated(days, [row[place] for row in table]) + beyond for place in range(len(WINDOW_QUANTILES))]
    gaps = [max(row[-1] - row[-2] for row in table[: place + 1]) for place in range(len(table))]
    last = math.log((1 - WINDOW_QUANTILES[-2]) / (1 - WINDOW_QUANTILES[-1]))
    return quantiles, interpolated(days, gaps) / last


def at_level(level: float, quantiles: list[float], scale: float) -> float:
    points = [(0.0, 0.0), *zip(WINDOW_QUANTILES, quantiles, strict=True)]
    for (before, low), (after, high) in itertools.pairwise(points):
        if level <= after:
            return low + (high - low) * (level - before) / (after - before)
    return quantiles[-1] + scale * math.log((1 - WINDOW_QUANTILES[-1]) / (1 - level))


def item_by_item(case: Case, levels: list[float]) -> list[tuple[float, int]]:
    """Order-up-to level, in thousandths and not rounded, and the quantity that the rounded one takes; by the rules."""
    policy, demand, forecast_row = case.policy, case.demand, 0
    result = []
    for item in range(_ITEMS):
        days = int(case.terms.lead_time_days[item]) + policy.review_period_days
        if policy.kind == "forecast_30d":
            total, buffer = round(demand.total_30d[item] * 1000), policy.safety_buffer_days
            target = float(total + buffer * round(demand.per_day[item] * 1000))
        elif demand.per_day[item] <= 0:
            target = 0.0
        elif demand.forecast[item]:
            table = demand.published.quantiles[forecast_row].tolist()
            found = published_at(table, demand.published.daily_tail[forecast_row], days)
            target = 1000 * at_level(levels[item], *found)
        else:
            deviation = math.sqrt(demand.recent_variance[item] * days)
            target = 1000 * max(demand.recent_mean[item] * days + NormalDist().inv_cdf(levels[item]) * deviation, 0.0)
        forecast_row += int(demand.forecast[item])
        need = round(target) - int(case.position[item])
        moq, pack = int(case.terms.moq[item]), int(case.terms.packaging_qty[item])
        result.append((target, math.ceil(max(need, moq) / pack) * pack if need > 0 else 0))
    return result


def ordered(case: Case, policy: OrderingPolicy | None = None, position: Ints | None = None) -> OrderPlan:
    """The plan with every item pressing."""
    policy = policy or case.policy
    return policy.order(
        case.demand,
        case.stock if position is None else StockAhead(position, np.zeros_like(position)),
        case.terms,
        np.full(_ITEMS, policy.service_level),
        Guidance.none(_ITEMS),
        np.ones(_ITEMS, dtype=np.bool_),
        np.zeros(_ITEMS),
    )


@given(cases(), _own_levels)
def test_many_items_at_once_are_the_rules_item_by_item(case: Case, levels: Floats) -> None:
    pressing, left = np.ones(_ITEMS, dtype=np.bool_), np.zeros(_ITEMS)
    guidance = Guidance.none(_ITEMS)
    plan = case.policy.order(case.demand, case.stock, case.terms, levels, guidance, pressing, left)
    expected = item_by_item(case, levels.tolist())
    for item, (target, quantity) in enumerate(expected):
        assert plan.order_up_to[item] == pytest.approx(target, abs=0.5 + 1e-6, rel=1e-9)
        if plan.order_up_to[item] == round(target):  # not where the last digit of a half decides the rounding
            assert plan.quantity[item] == quantity


@given(cases(), st.floats(0, 0.999))
def test_a_higher_level_never_orders_less(case: Case, more: float) -> None:
    level = case.policy.service_level
    higher = replace(case.policy, service_level=level + more * (0.9995 - level))
    low, high = ordered(case), ordered(case, higher)
    assert (low.order_up_to <= high.order_up_to).all()
    assert (low.quantity <= high.quantity).all()


@given(cases(), st.integers(0, 60), st.integers(0, 60))
def test_a_longer_window_or_buffer_never_orders_up_to_less(case: Case, longer: int, buffer: int) -> None:
    policy, lead_time = case.policy, case.terms.lead_time_days
    levels = np.full(_ITEMS, policy.service_level)
    target = policy.order_up_to(case.demand, lead_time, levels)
    later = replace(
        policy,
        review_period_days=policy.review_period_days + longer,
        safety_buffer_days=policy.safety_buffer_days + buffer,
    )
    if policy.service_level >= 0.5:  # below it a normal demand's deviation is taken off, which grows too
        assert (policy.order_up_to(case.demand, lead_time + longer, levels) >= target).all()
        assert (later.order_up_to(case.demand, lead_time, levels) >= target).all()


@given(cases(kinds=("service_level",)))
def test_lead_time_and_review_period_are_one_window(case: Case) -> None:
    policy, levels = case.policy, np.full(_ITEMS, case.policy.service_level)
    at_once = replace(policy, review_period_days=0)
    lead_time = case.terms.lead_time_days
    moved = at_once.order_up_to(case.demand, lead_time + policy.review_period_days, levels)
    assert moved.tolist() == policy.order_up_to(case.demand, lead_time, levels).tolist()


@given(cases(), st.integers(0, 100_000))
def test_a_higher_position_never_orders_more(case: Case, more: int) -> None:
    low, high = ordered(case), ordered(case, position=case.position + more)
    assert (high.quantity <= low.quantity).all()
    assert high.order_up_to.tolist() == low.order_up_to.tolist()


@given(cases())
def test_an_order_is_nothing_or_covers_the_need_in_whole_packs(case: Case) -> None:
    plan = ordered(case)
    short = plan.order_up_to > case.position
    assert ((plan.quantity > 0) == short).all()
    assert (plan.quantity % case.terms.packaging_qty == 0).all()
    assert (case.position + plan.quantity >= plan.order_up_to)[short].all()
    assert (plan.quantity >= case.terms.moq)[short].all()
    least = np.maximum(plan.order_up_to - case.position, case.terms.moq)
    assert (plan.quantity - least < case.terms.packaging_qty)[short].all()
    assert not ordered(case, position=case.position + plan.quantity).quantity.any()


@given(cases(kinds=("service_level",)))
def test_what_can_wait_is_what_still_covers_the_lead_time_later(case: Case) -> None:
    plan, levels = ordered(case), np.full(_ITEMS, case.policy.service_level)
    for item in np.flatnonzero(case.demand.forecast & (case.demand.per_day > 0)):
        wait = plan.order_within_days[item]
        if math.isnan(wait) or wait in (0, 999):
            continue
        later = case.terms.lead_time_days + int(wait)
        assert case.demand.at_level(levels, later)[item] <= case.position[item] / 1000 + 1e-6


@given(cases(), st.integers(0, 400_000), st.integers(0, 400_000))
def test_guidance_bounds_what_is_ordered_up_to_and_blocks(case: Case, first: int, second: int) -> None:
    least, most = sorted((first, second))
    levels, left = np.full(_ITEMS, case.policy.service_level), np.zeros(_ITEMS)
    pressing = np.zeros(_ITEMS, dtype=np.bool_)
    bounds = Guidance(np.full(_ITEMS, float(least)), np.full(_ITEMS, float(most)), pressing)
    plan = case.policy.order(case.demand, case.stock, case.terms, levels, bounds, pressing, left)
    assert (plan.order_up_to >= least).all()
    assert (plan.order_up_to <= most).all()
    assert (plan.quantity > 0)[case.position < least].all()
    blocked = replace(bounds, blocked=~pressing)
    assert not case.policy.order(case.demand, case.stock, case.terms, levels, blocked, pressing, left).quantity.any()


@given(cases(kinds=("forecast_30d",)))
def test_the_thirty_day_policy_orders_only_what_is_pressing(case: Case) -> None:
    levels, left = np.full(_ITEMS, case.policy.service_level), np.zeros(_ITEMS)
    calm = np.zeros(_ITEMS, dtype=np.bool_)
    plan = case.policy.order(case.demand, case.stock, case.terms, levels, Guidance.none(_ITEMS), calm, left)
    assert not plan.quantity.any()


@given(st.floats(0.4, 0.99), st.integers(0, 2**32 - 1))
def test_levels_by_cost_have_the_policys_level_as_their_mean_and_equal_ones_are_it(level: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    cost, daily = random.uniform(0.1, 50, _ITEMS), random.exponential(5, _ITEMS)
    terms = PurchaseTerms(*(random.integers(1, 50_000, _ITEMS) for _ in range(3)))
    by_cost = OrderingPolicy("service_level", 0, level, 7, "by_cost", _COSTS)
    cycle = by_cost.cycle_days(daily, terms)
    equal = replace(by_cost, allocation="equal")
    worth = Worth(cost, random.uniform(0.1, 50, _ITEMS))
    assert equal.service_levels(worth, daily, terms).of(cost, cycle).tolist() == [level] * _ITEMS
    smallest = np.maximum(terms.moq, terms.packaging_qty) / 1000
    assert cycle == pytest.approx(np.clip(smallest / daily, 7, 365))
    levels = by_cost.service_levels(worth, daily, terms).of(by_cost.weight(worth), cycle)
    assert np.average(levels, weights=1 / cycle) == pytest.approx(level, abs=1e-6)
    dearer = np.argsort(cost * cycle)
    assert (np.diff(levels[dearer]) <= 1e-12).all()


def test_value_weighs_what_a_unit_costs_of_its_price_and_nothing_where_no_cost_is_known() -> None:
    worth = Worth(np.array([2.0, 200.0, 3.0, 0.0, 0.0]), np.array([4.0, 400.0, 0.0, 5.0, 0.0]))
    assert OrderingPolicy("service_level", 0, 0.9, 7, "by_value", _COSTS).weight(worth).tolist() == [0.5, 0.5, 1, 0, 0]
    assert OrderingPolicy("service_level", 0, 0.9, 7, "by_cost", _COSTS).weight(worth).tolist() == [2, 200, 3, 0, 0]


@given(cases(kinds=("least_cost",)), st.integers(0, 60_000))
def test_an_order_that_is_lost_sales_aware_is_the_smaller_of_both_needs(case: Case, lately: int) -> None:
    levels, policy = np.full(_ITEMS, case.policy.service_level), case.policy
    stock = StockAhead(case.position, np.full(_ITEMS, lately))
    pressing, left = np.ones(_ITEMS, dtype=np.bool_), np.zeros(_ITEMS)
    plan = policy.order(case.demand, stock, case.terms, levels, Guidance.none(_ITEMS), pressing, left)
    usual = ordered(case, replace(policy, kind="service_level"))
    assert (plan.order_up_to <= usual.order_up_to).all()
    assert (plan.quantity <= usual.quantity).all()
    period = max(policy.review_period_days, 1)
    capped = case.demand.at_level_from(levels, case.terms.lead_time_days, period)
    before = np.maximum(case.position - lately, 0)
    assert (plan.order_up_to <= before + np.ceil(capped * 1000)).all()
    less = plan.order_up_to < usual.order_up_to
    assert (plan.order_up_to == before + np.ceil(capped * 1000))[less].all()
    # What was ordered now is not ordered once more before the next review.
    after = StockAhead(case.position + plan.quantity, lately + plan.quantity)
    again = policy.order(case.demand, after, case.terms, levels, Guidance.none(_ITEMS), pressing, left)
    assert not again.quantity[case.position >= lately].any()


@given(cases(), st.integers(0, 50), st.integers(1, 30))
def test_a_later_period_needs_at_least_what_is_expected_of_it(case: Case, first: int, days: int) -> None:
    level, ahead = np.full(_ITEMS, case.policy.service_level), np.full(_ITEMS, first)
    daily = case.demand.daily
    mean = np.repeat(daily.mean(axis=1)[:, None], 40, axis=1)
    expected = np.concatenate([daily, mean], axis=1)[:, first : first + days].sum(axis=1)
    units = case.demand.at_level_from(level, ahead, days)
    assert (units >= expected * (1 - 1e-9)).all()
    now = case.demand.at_level_from(level, np.zeros_like(ahead), days)
    near = daily[:, :days].sum(axis=1)
    assert (np.isinf(now) == (near == 0)).all()
    assert now[near > 0] == pytest.approx(
        np.maximum(case.demand.at_level(level, np.full(_ITEMS, days)), near)[near > 0]
    )


def test_levels_by_cost_balance_what_stock_and_lost_sales_cost() -> None:
    fixed = Settings(replenishment_policy="least_cost", holding_cost=Decimal("0.2"), shortage_cost=Decimal(1))
    policy = OrderingPolicy.of(fixed)
    none = PurchaseTerms(np.full(4, 21), np.zeros(4, dtype=np.int64), np.ones(4, dtype=np.int64))
    worth = Worth(np.array([2.0, 4.0, 5.0, 0.0]), np.array([4.0, 5.0, 5.0, 7.0]))
    daily = np.ones(4)
    equal = policy.service_levels(worth, daily, none)
    # Four weeks at 0.2 a week against 1: 1 / 1.8.
    assert policy.levels(equal, worth, daily, none) == pytest.approx(np.full(4, 1 / 1.8))
    rates = OrderingPolicy.of(Settings(replenishment_policy="least_cost", service_level=0.9))
    held = 0.2 * np.array([2.0, 4.0]) * 28 / 365
    # Where nothing is earned, or no cost is known, the level is the setting's.
    expected = [2 / (2 + held[0]), 1 / (1 + held[1]), 0.9, 0.9]
    assert rates.levels(equal, worth, daily, none) == pytest.approx(expected)
    share = OrderingPolicy.of(Settings(replenishment_policy="least_cost", shortage_cost_rate=0.5))
    assert share.levels(equal, worth, daily, none)[1] == pytest.approx(2.5 / (2.5 + held[1]))
    # A MOQ that lasts 70 days is held for longer.
    moq = replace(none, moq=np.full(4, 70_000))
    assert rates.levels(equal, worth, daily, moq)[0] == pytest.approx(2 / (2 + 0.4 * (21 + 70) / 365))


def test_the_policy_is_what_the_settings_say() -> None:
    settings = Settings(replenishment_policy="forecast_30d", service_level=0.9, safety_buffer_days=3)
    expected = OrderingPolicy("forecast_30d", 3, 0.9, settings.review_period_days, "by_cost", _COSTS)
    assert OrderingPolicy.of(settings) == expected
    assert OrderingPolicy.of(Settings()).kind == "service_level"
