"""A store simulated day by day: its past demand, terms of supply, and a policy that sees only the past.

A day: what is due arrives; the items under review are shown to the policy, which knows the sales up to the day before;
what it orders arrives after the lead time; then the day's demand is served from stock, and what is missing is lost.
Quantities are integer thousandths, so that not a unit appears or vanishes by rounding.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from shared.arrays import Bools, Floats, Floats32, Ints
from shared.domain.planning.costs import OrderCosts, Worth
from shared.domain.planning.quantities import UNITS

_PACKS = (1, 6, 12, 24)
_LEAST_MOQ_DAYS, _MOST_MOQ_DAYS = 3, 21
_OPENING_DAYS = 30
_RATE_DAYS = 182


@dataclass(frozen=True)
class SupplyTerms:
    """How each of n items is supplied: thousandths, days, money a unit. `first_review`: days until the first one;
    `price`: what a unit is sold for."""

    lead_time_days: Ints
    review_days: int
    first_review: Ints
    moq: Ints
    packaging_qty: Ints
    unit_cost: Floats
    price: Floats
    opening_stock: Ints

    def rows(self, chosen: Ints) -> SupplyTerms:
        """Those of some items."""
        return SupplyTerms(
            lead_time_days=self.lead_time_days[chosen],
            review_days=self.review_days,
            first_review=self.first_review[chosen],
            moq=self.moq[chosen],
            packaging_qty=self.packaging_qty[chosen],
            unit_cost=self.unit_cost[chosen],
            price=self.price[chosen],
            opening_stock=self.opening_stock[chosen],
        )


@dataclass(frozen=True)
class ObservedSales:
    """What a policy sees of all items on the morning of a day: `sales` (items x days so far, thousandths), and whether
    a day began `in_stock`."""

    first: dt.date
    sales: Ints
    in_stock: Bools
    terms: SupplyTerms

    @cached_property
    def units(self) -> Floats32:
        """Items x days: demand as far as sales show it, NaN elsewhere.

        Unknown are the days before an item's first sale, days that began without stock, and days that ended without
        it although less than usual was sold.
        """
        sold = self.sales / UNITS
        days = sold.shape[1]
        empty = ~self.in_stock & (sold <= 0)
        ran_out = self.in_stock & np.concatenate([~self.in_stock[:, 1:], np.zeros((len(sold), 1), bool)], axis=1)
        usual = sold[:, -365:].mean(axis=1, keepdims=True) if days else np.zeros((len(sold), 1))
        started = np.maximum.accumulate(sold > 0, axis=1)
        return np.where(empty | (ran_out & (sold < usual)) | ~started, np.nan, sold).astype(np.float32)


class Policy(Protocol):
    """Decides what to order."""

    def order(self, observed: ObservedSales, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        """Thousandths to order now of each of the items `rows`, whose stock is given; MOQ and packs respected."""
        ...


@dataclass(frozen=True)
class Ledger:
    """Everything that happened, items x days in thousandths; days before `start` are the past as it was."""

    start: int
    demand: Ints
    sold: Ints
    ordered: Ints
    arrived: Ints
    closing: Ints


@dataclass(frozen=True)
class ReplayScore:
    """`stock`: mean value at cost; `fill_rate`: share of units served; `value_fill_rate`: the same, each unit at its
    price; `cycle_service`: share of the times between two receipts without a lost unit. NaN where nothing was asked
    for. `cost`: what stock and lost units cost in all, in money."""

    stock: float
    fill_rate: float
    value_fill_rate: float
    cycle_service: float
    orders: int
    cost: float


def simulate(first: dt.date, demand: Ints, terms: SupplyTerms, policy: Policy, start: int) -> Ledger:
    """Simulate the days from `start` on under the policy; earlier days were served in full. `demand`: items x days."""
    items, days = demand.shape
    sold = np.where(np.arange(days) < start, demand, 0)
    in_stock = np.ones((items, days), dtype=np.bool_)
    ordered, closing = np.zeros_like(demand), np.zeros_like(demand)
    arrivals = np.zeros((items, days + int(terms.lead_time_days.max(initial=0)) + 1), dtype=np.int64)
    on_hand, on_order = terms.opening_stock.copy(), np.zeros(items, dtype=np.int64)
    for day in range(start, days):
        on_hand += arrivals[:, day]
        on_order -= arrivals[:, day]
        rows = np.flatnonzero((day - start - terms.first_review) % terms.review_days == 0)
        if len(rows):
            observed = ObservedSales(first, sold[:, :day], in_stock[:, :day], terms)
            quantity = policy.order(observed, rows, on_hand[rows], on_order[rows])
            # With no lead time it is there this morning already, else it is on its way.
            at_once = terms.lead_time_days[rows] == 0
            arrivals[rows, day + terms.lead_time_days[rows]] += quantity
            on_hand[rows] += np.where(at_once, quantity, 0)
            on_order[rows] += np.where(at_once, 0, quantity)
            ordered[rows, day] = quantity
        in_stock[:, day] = on_hand > 0
        sold[:, day] = np.minimum(on_hand, demand[:, day])
        on_hand = on_hand - sold[:, day]
        closing[:, day] = on_hand
    return Ledger(start, demand, sold, ordered, arrivals[:, :days], closing)


def score(ledger: Ledger, terms: SupplyTerms, costs: OrderCosts, since: int) -> ReplayScore:
    """What a policy achieved from day `since` on."""
    worth = Worth(terms.unit_cost, terms.price)
    demand, sold = ledger.demand[:, since:], ledger.sold[:, since:]
    lost = demand - sold
    cycle = np.cumsum(ledger.arrived[:, since:] > 0, axis=1)
    cycle += np.arange(len(cycle))[:, None] * (demand.shape[1] + 1)
    _, number = np.unique(cycle, return_inverse=True)
    missing = np.bincount(number.ravel(), weights=lost.ravel())
    closing = ledger.closing[:, since:]
    held = float(closing.sum(axis=1) @ costs.holding_per_day(worth))
    return ReplayScore(
        stock=float(closing.mean(axis=1) @ terms.unit_cost) / UNITS,
        fill_rate=_share(int(sold.sum()), int(demand.sum())),
        value_fill_rate=_share(float(sold.sum(axis=1) @ terms.price), float(demand.sum(axis=1) @ terms.price)),
        cycle_service=float((missing == 0).mean()) if len(missing) else float("nan"),
        orders=int((ledger.ordered[:, since:] > 0).sum()),
        cost=(held + float(lost.sum(axis=1) @ costs.per_lost_unit(worth))) / UNITS,
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


@dataclass(frozen=True)
class TermsDraw:
    """How terms are drawn: lead times within `lead_time_days` (least and most), a review every `review_days`."""

    lead_time_days: tuple[int, int]
    review_days: int
    seed: int


def draw_terms(demand: Ints, worth: Worth, start: int, draw: TermsDraw) -> SupplyTerms:
    """Terms of supply by seed, from what was known on day `start` only. `demand`: items x days in thousandths.

    Lead times as the draw says; MOQs of 3 to 21 days' demand; packs of 1, 6, 12 or 24, none above three weeks'
    demand; an opening stock of 30 days.
    """
    random = np.random.default_rng(draw.seed)
    items = len(demand)
    rate = demand[:, max(0, start - _RATE_DAYS) : start].mean(axis=1) / UNITS if start else np.zeros(items)
    fitting = (np.array(_PACKS)[None, :] <= np.maximum(1, _MOST_MOQ_DAYS * rate)[:, None]).sum(axis=1)
    pack = np.array(_PACKS)[np.minimum(random.integers(0, len(_PACKS), items), fitting - 1)]
    moq_days = random.uniform(_LEAST_MOQ_DAYS, _MOST_MOQ_DAYS, items)
    return SupplyTerms(
        lead_time_days=random.integers(draw.lead_time_days[0], draw.lead_time_days[1] + 1, items),
        review_days=draw.review_days,
        first_review=random.integers(0, draw.review_days, items),
        moq=np.ceil(np.maximum(1, moq_days * rate)).astype(np.int64) * UNITS,
        packaging_qty=pack.astype(np.int64) * UNITS,
        unit_cost=worth.unit_cost,
        price=worth.price,
        opening_stock=np.ceil(_OPENING_DAYS * rate).astype(np.int64) * UNITS,
    )
