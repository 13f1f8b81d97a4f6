"""The policies: more service is more stock, dear items get less of it, the rules as they are written; and the adapter
for an outside replay tool."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast_job.replay.policies import RulesPolicy, ServiceLevelPolicy
from forecast_job.replay.simulated_store import Ledger, ObservedSales, ReplayScore, SupplyTerms, score
from shared.arrays import Ints
from shared.domain.settings import Settings
from tests.benchmarks.replay_policy import ByCost, EqualLevels
from tests.forecast_job.replay.replayed import ITEMS, START, simulated, store
from tests.support.panels import FIRST


@functools.cache
def served(level: float, *, by_cost: bool) -> tuple[Ledger, SupplyTerms]:
    return simulated(ServiceLevelPolicy(level, by_cost=by_cost))


def scored(played: tuple[Ledger, SupplyTerms]) -> ReplayScore:
    ledger, terms = played
    return score(ledger, terms.unit_cost, START + 16)


def test_more_service_is_more_stock() -> None:
    low, high = (scored(served(level, by_cost=False)) for level in (0.5, 0.9))
    assert low.fill_rate < high.fill_rate
    assert low.stock < high.stock


def test_levels_by_unit_cost_hold_less_of_what_is_dear() -> None:
    def stocks(by_cost: bool) -> NDArray[np.float64]:
        ledger, terms = served(0.9, by_cost=by_cost)
        per_item: NDArray[np.float64] = ledger.closing[:, START + 16 :].mean(axis=1)[np.argsort(terms.unit_cost)]
        return per_item

    change = stocks(True) - stocks(False)
    assert change[: ITEMS // 2].sum() > 0 > change[ITEMS // 2 :].sum()


def test_the_rules_order_only_what_is_pressing() -> None:
    sold, terms = store()
    policy = RulesPolicy(Settings(safety_buffer_days=7))
    observed = ObservedSales(FIRST, sold[:, :START], np.ones((ITEMS, START), dtype=np.bool_), terms)
    rows, none = np.arange(ITEMS), np.zeros(ITEMS, dtype=np.int64)
    assert (policy.order(observed, rows, none, none)[1:] > 0).all()
    assert not policy.order(observed, rows, terms.opening_stock * 3, none).any()


def test_the_rules_order_all_that_the_level_asks_for_where_the_least_risk_matches_it() -> None:
    sold, terms = store()
    observed = ObservedSales(FIRST, sold[:, :START], np.ones((ITEMS, START), dtype=np.bool_), terms)
    rows, none = np.arange(ITEMS), np.zeros(ITEMS, dtype=np.int64)
    matched = Settings(replenishment_policy="service_level", service_level=0.95, suggestion_min_risk=0.05)
    wanted = ServiceLevelPolicy(0.95, by_cost=False)
    for share in (0.0, 0.5, 1.0, 1.5):
        on_hand = (terms.opening_stock * share).astype(np.int64)
        ordered = RulesPolicy(matched).order(observed, rows, on_hand, none)
        assert ordered.tolist() == wanted.order(observed, rows, on_hand, none).tolist()


def test_the_same_seed_is_the_same_play() -> None:
    again, _ = simulated(ServiceLevelPolicy(0.9, by_cost=True))
    assert again.ordered.tolist() == served(0.9, by_cost=True)[0].ordered.tolist()
    _, terms = store()
    _, other = store(seed=1)
    assert terms.lead_time_days.tolist() != other.lead_time_days.tolist()


class ToolHistory:
    """What the outside tool hands to a policy."""

    def __init__(self, sales: Ints, unit_cost: NDArray[np.float64], rows: Ints) -> None:
        self.rows, self.unit_cost, self.items = rows, unit_cost, np.arange(len(sales))
        self.sales, self.in_stock = sales / 1000, np.ones(sales.shape, dtype=np.bool_)
        self.lead_time = np.full(len(sales), 5)
        self.dates = [dt.datetime.combine(FIRST, dt.time()) + dt.timedelta(days) for days in range(sales.shape[1])]

    @property
    def panel(self) -> ToolHistory:
        return self


@pytest.mark.parametrize("kind", [ByCost, EqualLevels])
def test_the_adapter_orders_what_the_policy_does(kind: type[ByCost]) -> None:
    sold, terms = store()
    terms = dataclasses.replace(terms, lead_time_days=np.full(ITEMS, 5))
    rows = np.arange(3, 9)
    observed = ObservedSales(FIRST, sold[:, :START], np.ones((ITEMS, START), dtype=np.bool_), terms)
    on_hand, on_order = np.full(6, 3), np.full(6, 2)
    ours = ServiceLevelPolicy(0.9, by_cost=kind.by_cost).order(observed, rows, on_hand * 1000, on_order * 1000)
    history = ToolHistory(sold[:, :START], terms.unit_cost, rows)
    moq, pack = terms.moq[rows] / 1000, terms.packaging_qty[rows] / 1000
    adapter = kind(0.9)
    for reviewed in (np.arange(3), np.arange(9, ITEMS)):  # the tool tells no terms of the others: they are kept
        shown = ToolHistory(sold[:, :START], terms.unit_cost, reviewed)
        theirs = terms.moq[reviewed] / 1000, terms.packaging_qty[reviewed] / 1000
        adapter.order(START, shown, on_hand[:3], on_order[:3], np.full(3, 5), 7, *theirs)
    order = adapter.order(START, history, on_hand, on_order, np.full(6, 5), 7, moq, pack)
    assert order.tolist() == (ours / 1000).tolist()
