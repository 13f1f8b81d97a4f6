"""What a unit in stock and a unit that is not there cost, and the service level at which both together cost least.

A unit more in the order-up-to level is held where it is not needed, and saves a sale where it is. A sale is lost once,
while a backorder would be owed over the lead time too, so what counts against it is holding over lead time *and* cycle
(Huh, Janakiraman, Muckstadt and Rusmevichientong 2009, "Asymptotic optimality of order-up-to policies in lost sales
inventory systems"):

    level = shortage / (shortage + holding of a day x (lead time + order cycle))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shared.arrays import Floats
from shared.domain.planning.service_level import LEAST_LEVEL, MOST_LEVEL
from shared.domain.settings import Settings

_YEAR_DAYS = 365


@dataclass(frozen=True)
class Worth:
    """What a unit of each of n items costs, and what it brings when it is sold; money, 0 where it is not known."""

    unit_cost: Floats
    price: Floats


@dataclass(frozen=True)
class OrderCosts:
    """What stock and lost sales cost a client.

    `holding_rate`: of the unit cost, a year; `shortage_rate`: of the price, None: what the price is above the cost.
    `holding`, a unit and review period, and `shortage`, a unit, are money; where given they take the rates' place.
    """

    holding_rate: float
    shortage_rate: float | None
    holding: float | None
    shortage: float | None
    review_period_days: int

    @classmethod
    def of(cls, settings: Settings) -> OrderCosts:
        """Those that a client has set."""
        holding, shortage = settings.holding_cost, settings.shortage_cost
        return cls(
            holding_rate=settings.holding_cost_rate,
            shortage_rate=settings.shortage_cost_rate,
            holding=None if holding is None else float(holding),
            shortage=None if shortage is None else float(shortage),
            review_period_days=max(settings.review_period_days, 1),
        )

    def holding_per_day(self, worth: Worth) -> Floats:
        """What a unit of each item in stock costs a day; 0 where that is not known."""
        if self.holding is not None:
            return np.full(len(worth.unit_cost), self.holding / self.review_period_days)
        return worth.unit_cost * self.holding_rate / _YEAR_DAYS

    def per_lost_unit(self, worth: Worth) -> Floats:
        """What a lost unit of each item costs; 0 where that is not known, or the item brings no more than it costs."""
        if self.shortage is not None:
            return np.full(len(worth.price), self.shortage)
        if self.shortage_rate is not None:
            return worth.price * self.shortage_rate
        return np.maximum(np.where(worth.unit_cost > 0, worth.price - worth.unit_cost, 0.0), 0.0)

    def levels(self, worth: Worth, days: Floats, otherwise: float) -> Floats:
        """The service level of each item that holds a unit for so many days; `otherwise` where a cost is not known."""
        held, lost = self.holding_per_day(worth) * days, self.per_lost_unit(worth)
        known = (held > 0) & (lost > 0)
        best = np.divide(lost, lost + held, out=np.zeros(len(held)), where=known)
        return np.where(known, np.clip(best, LEAST_LEVEL, MOST_LEVEL), otherwise)
