"""The ordering policy: up to which inventory position an item is ordered, one function for refresh, API and replay.

Periodic review (Silver, Pyke and Thomas 2017, "Inventory and Production Management in Supply Chains", chapter 6): what
is ordered today must last until the *next* order could arrive, so the window is lead time + review period, and what is
compared is the inventory position, not the stock on hand:

    S        = demand of 30 days + safety_buffer_days x expected daily demand       (forecast_30d)
    S        = Q[level](demand over lead time + review period)                      (service_level)
    need     = S - inventory_position
    quantity = 0 if need <= 0 else ceil(max(need, MOQ) / pack) x pack

The level is one for all items, or each item's own by what a unit of it costs (`service_level.allocated_levels`). Who
decides which: the client's settings (`OrderingPolicy.of`), and the replay, which compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np

from shared.arrays import Bools, Floats, Ints
from shared.domain.planning.demand_distribution import normal_quantile_at
from shared.domain.planning.quantities import quantity_to_order, thousandths
from shared.domain.planning.service_level import (
    OwnTotals,
    PublishedTotals,
    allocated_levels,
    demand_at_level,
    order_cycle_days,
)
from shared.domain.settings import ReplenishmentPolicy, Settings


class LevelAllocation(StrEnum):
    """Who gets which service level: every item the same, or more of it the less a unit costs."""

    EQUAL = "equal"
    BY_COST = "by_cost"


@dataclass(frozen=True)
class DemandAhead:
    """What n items are expected to sell, in units.

    `total_30d`: of the next 30 days; `per_day`: of a day of them. Items with a forecast (`forecast`) have the
    distribution that it published, `published`: a row for each of these, in their order. Demand of the others counts as
    normal, with the recent mean and variance of a day, 0 where nothing is known. `own`: what all n items sold in past
    windows of lead time + review period, where that is to count beside the published distribution.
    """

    total_30d: Floats
    per_day: Floats
    forecast: Bools
    published: PublishedTotals
    recent_mean: Floats
    recent_variance: Floats
    own: OwnTotals | None = None


@dataclass(frozen=True)
class PurchaseTerms:
    """How each of n items is bought: thousandths and days; a MOQ of 0 and packs of one unit where nothing is agreed."""

    lead_time_days: Ints
    moq: Ints
    packaging_qty: Ints


@dataclass(frozen=True)
class OrderPlan:
    """What a policy orders of n items, in thousandths: up to `order_up_to`, which takes `quantity`."""

    order_up_to: Ints
    quantity: Ints


@dataclass(frozen=True)
class OrderingPolicy:
    """See the module. `service_level` in (0, 1): every item's, or their mean over all order cycles."""

    kind: ReplenishmentPolicy
    safety_buffer_days: int
    service_level: float
    review_period_days: int
    allocation: LevelAllocation = LevelAllocation.EQUAL

    @classmethod
    def of(cls, settings: Settings) -> OrderingPolicy:
        """The policy that a client has chosen."""
        return cls(
            kind=settings.replenishment_policy,
            safety_buffer_days=settings.safety_buffer_days,
            service_level=settings.service_level,
            review_period_days=settings.review_period_days,
        )

    def levels(self, unit_cost: Floats, daily_demand: Floats, terms: PurchaseTerms) -> Floats:
        """A service level for each of n items. `unit_cost`: money, 0 where it is unknown; demand: units a day.

        By cost, a level depends on all the other items: call it with all that a client orders at once.
        """
        if self.allocation is LevelAllocation.EQUAL:
            return np.full(len(unit_cost), self.service_level)
        cycle_days = order_cycle_days(daily_demand, terms.moq, terms.packaging_qty, self.review_period_days)
        return allocated_levels(self.service_level, unit_cost, cycle_days)

    def order_up_to(self, demand: DemandAhead, lead_time_days: Ints, levels: Floats | None = None) -> Ints:
        """The inventory position, in thousandths, that n items are ordered up to. 0 where nothing is expected to sell.

        `levels`: each item's own; without them all have `service_level`. Never falls as a level rises; without own
        totals never as the lead time or the review period do either.
        """
        match self.kind:
            case "forecast_30d":
                return thousandths(demand.total_30d) + self.safety_buffer_days * thousandths(demand.per_day)
            case "service_level":
                level = np.full(len(demand.per_day), self.service_level) if levels is None else levels
                return thousandths(_at_level(demand, level, lead_time_days + self.review_period_days))
            case _:
                assert_never(self.kind)

    def order(
        self, demand: DemandAhead, inventory_position: Ints, terms: PurchaseTerms, levels: Floats | None = None
    ) -> OrderPlan:
        """What to order now of n items whose inventory positions are given in thousandths; `levels` as above."""
        order_up_to = self.order_up_to(demand, terms.lead_time_days, levels)
        need = order_up_to - inventory_position
        return OrderPlan(order_up_to, quantity_to_order(need, terms.moq, terms.packaging_qty))


def _at_level(demand: DemandAhead, level: Floats, days: Ints) -> Floats:
    """Units that total demand over each item's `days` exceeds with the probability 1 - `level`."""
    units = normal_quantile_at(level, demand.recent_mean * days, demand.recent_variance * days)
    rows = np.flatnonzero(demand.forecast)
    own = None if demand.own is None else demand.own.rows(rows)
    units[rows] = demand_at_level(demand.published, level[rows], days[rows], own)
    units[demand.per_day <= 0] = 0.0
    return units
