"""How far an uplift may be chance: what the products' days have always deviated from their weekday's mean.

The interval says what days alone do; it does not know whether the expectation itself is right. It takes days as
independent and their sum as normal, which sums of a few days of slow sellers are not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from shared.domain.dates import DateRange

LEVEL = 0.8
_DEVIATIONS = 1.2815515655446004  # of the normal distribution: 80 % lies within as many, 10 % above
_WEEKDAYS = 7


@dataclass(frozen=True)
class ReferenceDay:
    """Units that the products sold on a day, and `missed`: what those that were out of stock usually sell on it."""

    units: float
    missed: float


@dataclass(frozen=True)
class UpliftInterval:
    """In units, 3 decimals; `level` is the probability that what the days alone do lies within."""

    level: float
    low: float
    high: float


def daily_deviation(
    days: Mapping[dt.date, ReferenceDay], usual: Mapping[int, float], reference: DateRange | None
) -> float | None:
    """Standard deviation of the reference's days from what is usual on their weekday (ISO: 1 is Monday), in units.

    sqrt(sum (units - usual + missed)^2 / (days - 7)): seven means are made of the same days. A day without a record is
    one without a sale. None where no day has a record, which says nothing of how days differ, or none is left over.
    """
    if reference is None or not days or reference.days <= _WEEKDAYS:
        return None
    squares = 0.0
    for number in range(reference.days):
        day = reference.first + dt.timedelta(number)
        known = days.get(day, _NO_SALE)
        squares += (known.units - usual.get(day.isoweekday(), 0.0) + known.missed) ** 2
    return sqrt(squares / (reference.days - _WEEKDAYS))


def uplift_interval(uplift: float | None, deviation: float | None, days: int) -> UpliftInterval | None:
    """uplift -+ 1.2816 x daily deviation x sqrt(days); None where either is not known."""
    if uplift is None or deviation is None:
        return None
    width = _DEVIATIONS * deviation * sqrt(days)
    return UpliftInterval(LEVEL, round(uplift - width, 3), round(uplift + width, 3))


_NO_SALE = ReferenceDay(0.0, 0.0)
