"""The policies: more service is more stock, dear items get less of it, the rules as they are written; and the adapter
for an outside replay tool."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast_job.replay.policies import ShippedPolicy
from forecast_job.replay.simulated_store import Ledger, ObservedSales, ReplayScore, SupplyTerms, score
from shared.arrays import Ints
from shared.domain.settings import LevelAllocation, Settings
from tests.benchmarks.replay_policy import ByValue, EqualLevels, LeastCost, Shipped
from tests.forecast_job.replay.replayed import COSTS, ITEMS, START, simulated, store
from tests.support.panels import FIRST


def settings(level: float, allocation: LevelAllocation = "equal") -> Settings:
    return Settings(service_level=level, level_allocation=allocation)


@functools.cache
def served(level: float, allocation: LevelAllocation) -> tuple[Ledger, SupplyTerms]:
    return simulated(ShippedPolicy(settings(level, allocation)))


def scored(played: tuple[Ledger, SupplyTerms]) -> ReplayScore:
    ledger, terms = played
    return score(ledger, terms, COSTS, START + 16)


def test_more_service_is_more_stock() -> None:
    low, high = (scored(served(level, "equal")) for level in (0.5, 0.9))
    assert low.fill_rate < high.fill_rate
    assert low.stock < high.stock


def test_levels_by_unit_cost_hold_less_of_what_is_dear() -> None:
    def stocks(allocation: LevelAllocation) -> NDArray[np.float64]:
        ledger, terms = served(0.9, allocation)
        per_item: NDArray[np.float64] = ledger.closing[:, START + 16 :].mean(axis=1)[np.argsort(terms.unit_cost)]
        return per_item

    change = stocks("by_cost") - stocks("equal")
    assert change[: ITEMS // 2].sum() > 0 > change[ITEMS // 2 :].sum()


def test_the_thirty_day_policy_orders_only_what_is_pressing() -> None:
    sold, terms = store()
    policy = ShippedPolicy(Settings(replenishment_policy="forecast_30d"))
    observed = ObservedSales(FIRST, sold[:, :START], np.ones((ITEMS, START), dtype=np.bool_), terms)
    rows, none = np.arange(ITEMS), np.zeros(ITEMS, dtype=np.int64)
    assert (policy.order(observed, rows, none, none)[1:] > 0).all()
    assert not policy.order(observed, rows, terms.opening_stock * 3, none).any()


def test_what_has_not_sold_for_long_is_not_ordered() -> None:
    sold, terms = store()
    sold = sold[:, :START].copy()
    sold[3] = 0
    sold[3, 0] = 5_000
    observed = ObservedSales(FIRST, sold, np.ones((ITEMS, START), dtype=np.bool_), terms)
    rows, none = np.arange(ITEMS), np.zeros(ITEMS, dtype=np.int64)
    ordered = ShippedPolicy(settings(0.95)).order(observed, rows, none, none)
    assert ordered[3] == 0 < ordered[4]


def test_the_same_seed_is_the_same_play() -> None:
    again, _ = simulated(ShippedPolicy(settings(0.9, "by_cost")))
    assert again.ordered.tolist() == served(0.9, "by_cost")[0].ordered.tolist()
    _, terms = store()
    _, other = store(seed=1)
    assert terms.lead_time_days.tolist() != other.lead_time_days.tolist()


class ToolHistory:
    """What the outside tool hands to a policy."""

    def __init__(self, sales: Ints, terms: SupplyTerms, rows: Ints) -> None:
        self.rows, self.unit_cost, self.unit_price = rows, terms.unit_cost, terms.price
        self.items = np.arange(len(sales))
        self.sales, self.in_stock = sales / 1000, np.ones(sales.shape, dtype=np.bool_)
        self.lead_time = np.full(len(sales), 5)
        self.dates = [dt.datetime.combine(FIRST, dt.time()) + dt.timedelta(days) for days in range(sales.shape[1])]

    @property
    def panel(self) -> ToolHistory:
        return self


def test_the_adapter_orders_at_fixed_costs() -> None:
    sold, terms = store()
    terms = dataclasses.replace(terms, lead_time_days=np.full(ITEMS, 5))
    rows, none, one = np.arange(ITEMS), np.zeros(ITEMS), np.ones(ITEMS)
    history = ToolHistory(sold[:, :START], terms, rows)
    costs = Settings.model_validate(LeastCost.changes)
    assert (costs.replenishment_policy, costs.holding_cost, costs.shortage_cost) == (
        "least_cost",
        Decimal("0.2"),
        Decimal(1),
    )
    least = LeastCost(0.99).order(START, history, none, none, terms.lead_time_days, 7, one, one)
    most = Shipped(0.99).order(START, history, none, none, terms.lead_time_days, 7, one, one)
    assert least.sum() < most.sum() / 2
    assert (least > 0).sum() > ITEMS / 2


@pytest.mark.parametrize(("kind", "allocation"), [(Shipped, "by_cost"), (ByValue, "by_value"), (EqualLevels, "equal")])
def test_the_adapter_orders_what_the_policy_does(kind: type[Shipped], allocation: LevelAllocation) -> None:
    sold, terms = store()
    terms = dataclasses.replace(terms, lead_time_days=np.full(ITEMS, 5))
    rows = np.arange(3, 9)
    observed = ObservedSales(FIRST, sold[:, :START], np.ones((ITEMS, START), dtype=np.bool_), terms)
    on_hand, on_order = np.full(6, 3), np.full(6, 2)
    ours = ShippedPolicy(settings(0.9, allocation)).order(observed, rows, on_hand * 1000, on_order * 1000)
    history = ToolHistory(sold[:, :START], terms, rows)
    moq, pack = terms.moq[rows] / 1000, terms.packaging_qty[rows] / 1000
    adapter = kind(0.9)
    for reviewed in (np.arange(3), np.arange(9, ITEMS)):  # the tool tells no terms of the others: they are kept
        shown = ToolHistory(sold[:, :START], terms, reviewed)
        theirs = terms.moq[reviewed] / 1000, terms.packaging_qty[reviewed] / 1000
        adapter.order(START, shown, on_hand[:3], on_order[:3], np.full(3, 5), 7, *theirs)
    order = adapter.order(START, history, on_hand, on_order, np.full(6, 5), 7, moq, pack)
    assert order.tolist() == (ours / 1000).tolist()
