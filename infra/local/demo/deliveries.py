"""How the demo's suppliers really deliver: on time, late, in parts, short; the same from the same seed in every run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np

from shared.arrays import Ints

_FRIDAY = 4
_SHORT_LINES = 0.2  # of an order in which any is
_WHOLE_LINES = 0.6  # of an order in two parts, in the first
_CANCELLED_SHARE = 0.012
_NEW_DATE_SHARE = 0.15
_PATIENCE_DAYS = 21  # after the last delivery, what is missing is given up


@dataclass(frozen=True)
class Habits:
    """What a supplier does: it is reviewed on `weekday` (Monday is 0); a share of its orders is late by up to
    `late_days`, comes in two parts, or has lines that never come in full. Goods travel for `transit_days`."""

    weekday: int
    transit_days: int
    late: float = 0.0
    late_days: int = 0
    in_parts: float = 0.0
    short: float = 0.0


@dataclass(frozen=True)
class Delivery:
    """What arrives on a day: units of each line of the order, 0 where nothing of it does."""

    day: dt.date
    units: Ints


@dataclass(frozen=True)
class PlayedOrder:
    """An order of the year: units of `items` (numbers), and what became of it, also what will: whoever shows it on some
    day leaves out what comes after. `for_customers`: bought because a customer had ordered it."""

    supplier: int
    placed: dt.date
    items: Ints
    units: Ints
    confirmed: dt.date
    promised: dt.date
    for_customers: bool
    shipped: dt.date | None = None
    deliveries: tuple[Delivery, ...] = field(default=())
    cancelled: dt.date | None = None
    given_up: dt.date | None = None

    def outstanding(self, day: dt.date) -> Ints:
        """Units of each line that are still to come at the start of the day."""
        over = next((end for end in (self.cancelled, self.given_up) if end is not None and end < day), None)
        if self.placed >= day or over is not None:
            return np.zeros_like(self.units)
        arrived = [delivery.units for delivery in self.deliveries if delivery.day < day]
        return np.maximum(self.units - sum(arrived, np.zeros_like(self.units)), 0)


def working_day(day: dt.date) -> dt.date:
    """The day, or the Monday after it."""
    return day + dt.timedelta(7 - day.weekday() if day.weekday() > _FRIDAY else 0)


def regular_order(
    supplier: int, habits: Habits, placed: dt.date, items: Ints, units: Ints, lead_time_days: int
) -> PlayedOrder:
    """An order of a review, with what its supplier makes of it."""
    random = np.random.default_rng([supplier, placed.toordinal()])
    late = int(random.integers(2, habits.late_days + 1)) if random.random() < habits.late else 0
    early = int(random.integers(0, 3)) if not late and lead_time_days > 4 else 0
    promised = placed + dt.timedelta(lead_time_days)
    confirmed = working_day(placed + dt.timedelta(1 + int(random.integers(0, 2))))
    if random.random() < _NEW_DATE_SHARE:
        promised = working_day(promised + dt.timedelta(max(late // 2, 1)))
    arrival = max(working_day(placed + dt.timedelta(lead_time_days + late - early)), working_day(confirmed + _DAY))
    order = PlayedOrder(supplier, placed, items, units, confirmed, promised, for_customers=False)
    if random.random() < _CANCELLED_SHARE:
        return replace(order, cancelled=working_day(confirmed + dt.timedelta(int(random.integers(2, 6)))))
    short = (random.random(len(units)) < _SHORT_LINES) & (random.random() < habits.short)
    coming = np.where(short, units * random.integers(0, 10, len(units)) // 10, units)
    first, second = coming, np.zeros_like(coming)
    if random.random() < habits.in_parts:
        first = np.where(random.random(len(units)) < _WHOLE_LINES, coming, coming // 2)
        second = coming - first
    later = working_day(arrival + dt.timedelta(int(random.integers(4, 13))))
    deliveries = tuple(Delivery(day, part) for day, part in ((arrival, first), (later, second)) if part.any())
    shipped = max(confirmed, arrival - dt.timedelta(habits.transit_days))
    order = replace(order, shipped=shipped, deliveries=deliveries)
    end = working_day((deliveries[-1].day if deliveries else arrival) + dt.timedelta(_PATIENCE_DAYS))
    if not deliveries:
        return replace(order, cancelled=end)
    return replace(order, given_up=end) if short.any() else order


def order_for_customers(
    supplier: int, habits: Habits, needed: dt.date, items: Ints, units: Ints, lead_time_days: int
) -> PlayedOrder:
    """Goods bought for customers' orders, in time for the day on which these leave."""
    placed = needed - dt.timedelta(lead_time_days)
    placed -= dt.timedelta(max(placed.weekday() - _FRIDAY, 0))
    confirmed = min(placed + _DAY, needed)
    return PlayedOrder(
        supplier=supplier,
        placed=placed,
        items=items,
        units=units,
        confirmed=confirmed,
        promised=needed,
        for_customers=True,
        shipped=max(confirmed, needed - dt.timedelta(habits.transit_days)),
        deliveries=(Delivery(needed, units),),
    )


_DAY = dt.timedelta(1)
