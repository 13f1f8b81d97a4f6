"""The simulator: not a unit is lost, and nothing of the future is seen."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_job.replay.simulated_store import (
    Ledger,
    ObservedSales,
    ReplayScore,
    TermsDraw,
    draw_terms,
    score,
    simulate,
)
from shared.arrays import Ints
from shared.domain.planning.costs import Worth
from shared.domain.planning.quantities import quantity_to_order
from tests.forecast_job.replay.replayed import COSTS, DAYS, ITEMS, START, simulated, store
from tests.support.panels import FIRST


class Nothing:
    def order(self, observed: ObservedSales, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        return np.zeros(len(rows), dtype=np.int64)


@dataclass
class AtRandom:
    """Orders anything, and keeps what it was shown."""

    seed: int

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)
        self.seen: list[ObservedSales] = []

    def order(self, observed: ObservedSales, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        self.seen.append(observed)
        assert (on_hand >= 0).all()
        assert (on_order >= 0).all()
        need = self._random.integers(-20_000, 40_000, len(rows))
        return quantity_to_order(need, observed.terms.moq[rows], observed.terms.packaging_qty[rows])


@dataclass
class Clairvoyant:
    """Knows the demand of the days that an order must last for."""

    future: Ints

    def order(self, observed: ObservedSales, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        day, terms = observed.sales.shape[1], observed.terms
        ends = day + terms.lead_time_days[rows] + terms.review_days
        wanted = np.array([self.future[row, day:end].sum() for row, end in zip(rows, ends, strict=True)])
        return quantity_to_order(wanted - on_hand - on_order, terms.moq[rows], terms.packaging_qty[rows])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 6), st.integers(0, 6))
def test_no_unit_appears_or_vanishes(seed: int, least: int, more: int) -> None:
    sold, terms = store(seed, lead_time_days=(least, least + more))
    ledger = simulate(FIRST, sold, terms, AtRandom(seed), START)
    served, arrived = ledger.sold[:, START:].cumsum(axis=1), ledger.arrived[:, START:].cumsum(axis=1)
    assert (terms.opening_stock[:, None] + arrived - served == ledger.closing[:, START:]).all()
    assert (ledger.sold <= ledger.demand).all()
    assert (ledger.closing >= 0).all()
    for item, lead_time in enumerate(terms.lead_time_days):
        assert (ledger.arrived[item, lead_time:] == ledger.ordered[item, : DAYS - lead_time]).all()


def test_a_policy_sees_no_sale_of_today_or_later_and_no_unmet_demand() -> None:
    policy = AtRandom(3)
    ledger, _ = simulated(policy)
    for observed in policy.seen:
        days = observed.sales.shape[1]
        assert days < DAYS
        assert (observed.sales == ledger.sold[:, :days]).all()
    assert (ledger.sold[:, START:] < ledger.demand[:, START:]).any()


def test_each_item_is_reviewed_at_its_own_pace() -> None:
    ledger, terms = simulated(AtRandom(1))
    for item in range(ITEMS):
        ordered = np.flatnonzero(ledger.ordered[item])
        assert ((ordered - START - terms.first_review[item]) % 7 == 0).all()


def test_who_orders_nothing_sells_the_opening_stock_and_no_more() -> None:
    sold, terms = store()
    empty = dataclasses.replace(terms, opening_stock=np.zeros(ITEMS, dtype=np.int64))
    result = score(simulate(FIRST, sold, empty, Nothing(), START), terms, COSTS, START)
    assert (result.stock, result.fill_rate, result.orders) == (0, 0, 0)


def test_who_knows_the_future_loses_nearly_nothing() -> None:
    sold, _ = store()
    ledger, terms = simulated(Clairvoyant(sold))
    assert score(ledger, terms, COSTS, START + 16).fill_rate > 0.999


def test_terms_know_nothing_of_the_days_played() -> None:
    sold, terms = store()
    sold[:, START:] = 0
    again = draw_terms(sold, Worth(terms.unit_cost, terms.price), START, TermsDraw((2, 9), 7, seed=0))
    assert again.moq.tolist() == terms.moq.tolist()
    assert again.opening_stock.tolist() == terms.opening_stock.tolist()


def test_demand_is_unknown_where_sales_do_not_show_it() -> None:
    sales = np.array([[0, 4, 4, 1, 0, 0, 4, 9, 0]], dtype=np.int64) * 1000
    in_stock = np.array([[1, 1, 1, 1, 0, 0, 1, 1, 0]], dtype=np.bool_)
    _, terms = store()
    units = ObservedSales(FIRST, sales, in_stock, terms).units[0]
    # Not sold yet; sold out below the usual; no stock; sold out far above the usual; no stock.
    assert np.isnan(units).nonzero()[0].tolist() == [0, 3, 4, 5, 8]
    assert units[7] == 9


def test_cycle_service_counts_the_times_between_receipts() -> None:
    zeros = np.zeros((1, 6), dtype=np.int64)
    _, terms = store(items=1)
    terms = dataclasses.replace(terms, unit_cost=np.array([3.0]), price=np.ones(1))
    wanted, sold, arrived = zeros + 1000, np.array([[1, 1, 0, 1, 1, 1]]) * 1000, np.array([[0, 0, 0, 5, 0, 0]]) * 1000
    result = score(Ledger(0, wanted, sold, zeros, arrived, zeros + 2000), terms, COSTS, 0)
    cost = 6 * 2 * 3 * 0.2 / 365  # without a margin nothing is lost with a sale
    assert dataclasses.replace(result, cost=0.0) == ReplayScore(6.0, 5 / 6, 5 / 6, 0.5, orders=0, cost=0.0)
    assert result.cost == pytest.approx(cost)


def test_value_counts_each_lost_unit_at_its_price() -> None:
    zeros = np.zeros((2, 3), dtype=np.int64)
    _, terms = store(items=2)
    terms = dataclasses.replace(terms, price=np.array([1.0, 9.0]))
    sold = np.array([[1, 1, 1], [1, 0, 1]]) * 1000
    result = score(Ledger(0, zeros + 1000, sold, zeros, zeros, zeros), terms, COSTS, 0)
    assert (result.fill_rate, result.value_fill_rate) == (5 / 6, 21 / 30)
