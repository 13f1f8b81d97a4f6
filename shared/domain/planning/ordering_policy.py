"""The ordering policy: which items are ordered and up to which inventory position; one function for refresh, API and
replay.

Periodic review (Silver, Pyke and Thomas 2017, "Inventory and Production Management in Supply Chains", chapter 6): what
is ordered today must last until the *next* order could arrive, so the window is lead time + review period, and what is
compared is the inventory position, not the stock on hand:

    S        = demand of 30 days + safety_buffer_days x expected daily demand           (forecast_30d)
    S        = Q[level](demand over lead time + review period)                          (service_level)
    S        = the same, but no more than what was there before the orders of the last review period
               + Q[level](demand of the review period that begins when the order arrives) (least_cost)
    due      = stockout_risk >= suggestion_min_risk or DIR < lead time + safety buffer  (forecast_30d)
    due      = position < S                                                             (service_level, least_cost)
    need     = S - position where due, else 0
    quantity = 0 if need <= 0 else ceil(max(need, MOQ) / pack) x pack

With least_cost the levels are those at which stock and lost sales cost least (`costs`), and S is capped: what could not
be sold before the order arrives is lost, so no order has to make up for it (Xin 2021, "Understanding the performance of
capped base-stock policies in lost-sales inventory models").

Of what is on order only that counts in the position which arrives within the window: a delivery after it covers
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np

from shared.arrays import Bools, Floats, Ints
from shared.domain.planning.costs import OrderCosts, Worth
from shared.domain.planning.demand_distribution import normal_quantile_at
from shared.domain.planning.quantities import UNITS, quantity_to_order, thousandths
from shared.domain.planning.service_level import (
    PublishedTotals,
    ServiceLevels,
    days_covered,
    demand_at_level,
    order_cycle_days,
)
from shared.domain.settings import LevelAllocation, ReplenishmentPolicy, Settings

# Beyond any date that a buyer plans for: who has stock for so long needs no order date.
_LONGEST_WAIT_DAYS = 999


@dataclass(frozen=True)
class DemandAhead:
    """What n items are expected to sell, in units.

    `total_30d`: of the next 30 days; `per_day`: of a day of them; `daily`: of each day ahead (n x days). Items with a
    forecast (`forecast`) have the distribution that it published, `published`: a row for each of these, in their order.
    Demand of the others counts as normal, with the recent mean and variance of a day, 0 where nothing is known.
    """

    total_30d: Floats
    per_day: Floats
    daily: Floats
    forecast: Bools
    published: PublishedTotals
    recent_mean: Floats
    recent_variance: Floats

    def at_level(self, level: Floats, days: Ints) -> Floats:
        """Units that total demand over each item's `days` exceeds with the probability 1 - `level`."""
        units = normal_quantile_at(level, self.recent_mean * days, self.recent_variance * days)
        rows = np.flatnonzero(self.forecast)
        units[rows] = demand_at_level(self.published, level[rows], days[rows])
        units[self.per_day <= 0] = 0.0
        return units

    def at_level_from(self, level: Floats, first: Ints, days: int) -> Floats:
        """The same over `days` that begin `first` days ahead; infinite where none of the next ones sells anything.

        The distribution of the next days, as far above or below as the expected demand of those is; at least that.
        """
        near, far = self._expected(np.zeros_like(first), days), self._expected(first, days)
        units = self.at_level(level, np.full(len(first), days))
        later = np.maximum(units * np.divide(far, near, out=np.zeros(len(far)), where=near > 0), far)
        return np.where(near > 0, later, np.inf)

    def _expected(self, first: Ints, days: int) -> Floats:
        """Units expected in so many days from each item's `first` on; past the last day that of all days' mean."""
        horizon = self.daily.shape[1]
        until = np.pad(np.cumsum(self.daily, axis=1), ((0, 0), (1, 0)))
        row, mean = np.arange(len(first)), self.daily.mean(axis=1)

        def before(day: Ints) -> Floats:
            return np.asarray(until[row, np.minimum(day, horizon)] + np.maximum(day - horizon, 0) * mean)

        return before(first + days) - before(first)

    def days_covered(self, level: Floats, units: Floats) -> Floats:
        """For how many days so many units suffice at each item's level."""
        days = np.divide(units, self.per_day, out=np.full(len(units), np.inf), where=self.per_day > 0)
        rows = np.flatnonzero(self.forecast)
        days[rows] = days_covered(self.published, level[rows], units[rows])
        days[self.per_day <= 0] = np.inf
        return np.maximum(days, 0.0)


@dataclass(frozen=True)
class PurchaseTerms:
    """How each of n items is bought: thousandths and days; a MOQ of 0 and packs of one unit where nothing is agreed."""

    lead_time_days: Ints
    moq: Ints
    packaging_qty: Ints


@dataclass(frozen=True)
class Guidance:
    """What the client has planned for each of n items, in thousandths; NaN where it left that to the policy.

    `order_up_to` stays within `min_stock` and `max_stock`. `blocked` items are not ordered.
    """

    min_stock: Floats
    max_stock: Floats
    blocked: Bools

    @classmethod
    def none(cls, items: int) -> Guidance:
        """Nothing planned."""
        return cls(np.full(items, np.nan), np.full(items, np.nan), np.zeros(items, dtype=np.bool_))


@dataclass(frozen=True)
class StockAhead:
    """What there is of n items, in thousandths. `position` counts what arrives within `window_days`; `ordered_lately`:
    the part of it that arrives as if it had been ordered within the last review period."""

    position: Ints
    ordered_lately: Ints


@dataclass(frozen=True)
class OrderPlan:
    """What a policy orders of n items, in thousandths: up to `order_up_to`, which takes `quantity`, 0 where an order is
    not due. `order_within_days`: how long it can wait with the order; NaN where nothing is expected to sell."""

    order_up_to: Ints
    quantity: Ints
    order_within_days: Floats


@dataclass(frozen=True)
class OrderingPolicy:
    """See the module. `service_level` in (0, 1): every item's, or their mean over all order cycles."""

    kind: ReplenishmentPolicy
    safety_buffer_days: int
    service_level: float
    review_period_days: int
    allocation: LevelAllocation
    costs: OrderCosts

    @classmethod
    def of(cls, settings: Settings) -> OrderingPolicy:
        """The policy that a client has chosen."""
        return cls(
            kind=settings.replenishment_policy,
            safety_buffer_days=settings.safety_buffer_days,
            service_level=settings.service_level,
            review_period_days=settings.review_period_days,
            allocation=settings.level_allocation,
            costs=OrderCosts.of(settings),
        )

    def service_levels(self, worth: Worth, daily_demand: Floats, terms: PurchaseTerms) -> ServiceLevels:
        """Who gets which level; demand: units a day.

        Unless levels are equal, each depends on all the other items: call it with all that a client orders.
        """
        if self.kind != "service_level" or self.allocation == "equal":
            return ServiceLevels(self.service_level)
        return ServiceLevels.allocated(self.service_level, self.weight(worth), self.cycle_days(daily_demand, terms))

    def levels(self, allocated: ServiceLevels, worth: Worth, daily_demand: Floats, terms: PurchaseTerms) -> Floats:
        """The level of each item; `allocated` are the client's (`service_levels`)."""
        cycle_days = self.cycle_days(daily_demand, terms)
        if self.kind == "least_cost":
            return self.costs.levels(worth, terms.lead_time_days + cycle_days, self.service_level)
        return allocated.of(self.weight(worth), cycle_days)

    def weight(self, worth: Worth) -> Floats:
        """What a unit of each item costs to have in stock, for what a lost unit counts (`ServiceLevels`)."""
        cost = worth.unit_cost
        if self.allocation != "by_value":
            return cost
        return np.divide(cost, worth.price, out=(cost > 0).astype(np.float64), where=worth.price > 0)

    def cycle_days(self, daily_demand: Floats, terms: PurchaseTerms) -> Floats:
        """How long an order of each item lasts at least."""
        return order_cycle_days(daily_demand, terms.moq, terms.packaging_qty, self.review_period_days)

    def window_days(self, lead_time_days: Ints) -> Ints:
        """What stock and orders of today must last for: what arrives within them counts in the position."""
        match self.kind:
            case "forecast_30d":
                return np.maximum(lead_time_days + self.safety_buffer_days, 30)
            case "service_level" | "least_cost":
                return lead_time_days + self.review_period_days
            case _:
                assert_never(self.kind)

    def order_up_to(self, demand: DemandAhead, lead_time_days: Ints, levels: Floats) -> Ints:
        """The inventory position, in thousandths, that n items are ordered up to. 0 where nothing is expected to sell.

        Never falls as a level, the lead time or the review period rises.
        """
        match self.kind:
            case "forecast_30d":
                return thousandths(demand.total_30d) + self.safety_buffer_days * thousandths(demand.per_day)
            case "service_level" | "least_cost":
                return thousandths(demand.at_level(levels, self.window_days(lead_time_days)))
            case _:
                assert_never(self.kind)

    def order(
        self,
        demand: DemandAhead,
        stock: StockAhead,
        terms: PurchaseTerms,
        levels: Floats,
        guidance: Guidance,
        pressing: Bools,
        days_left: Floats,
    ) -> OrderPlan:
        """What to order now of n items.

        `pressing`, at risk or lasting no longer than the window of the risk, and `days_left`, the DIR, decide with the
        policy forecast_30d.
        """
        position = stock.position
        order_up_to = self.order_up_to(demand, terms.lead_time_days, levels)
        if self.kind == "least_cost":
            period = demand.at_level_from(levels, terms.lead_time_days, max(self.review_period_days, 1))
            order_up_to = np.fmin(order_up_to, np.maximum(position - stock.ordered_lately, 0) + np.ceil(period * UNITS))
        order_up_to = np.fmin(np.fmax(order_up_to, guidance.min_stock), guidance.max_stock).astype(np.int64)
        need = order_up_to - position
        due = need > 0
        match self.kind:
            case "forecast_30d":
                due &= pressing | (position < guidance.min_stock)
                wait = days_left - terms.lead_time_days - self.safety_buffer_days
            case "service_level" | "least_cost":
                wait = demand.days_covered(levels, position / UNITS) - terms.lead_time_days
                wait[~np.isfinite(wait)] = np.nan
            case _:
                assert_never(self.kind)
        wait[position < guidance.min_stock] = 0
        return OrderPlan(
            order_up_to=order_up_to,
            quantity=quantity_to_order(np.where(due & ~guidance.blocked, need, 0), terms.moq, terms.packaging_qty),
            order_within_days=np.clip(np.floor(wait), 0, _LONGEST_WAIT_DAYS),
        )
