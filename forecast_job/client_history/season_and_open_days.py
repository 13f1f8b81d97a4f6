"""The shop as a whole: which days it is open, how its weekdays differ, and how its season rises and falls.

Learned from two numbers a day: how many items sold, and how many there were to sell. One-off bulk orders do not move
them, whereas they would move units. A growing range is not a season: twice the items sell twice as many although no
item sells more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast_job.client_history.closed_days import ClosedDays, learn
from shared.arrays import Floats

YEAR_DAYS = 364  # 52 weeks: last year's same season on the same weekday
AWAKE_DAYS = 182  # an item that has not sold for so long is no part of the range
_SMOOTHING_DAYS = 10.0  # standard deviation of the season's Gaussian smoother
_RECENT_HALF_LIFE_DAYS = 14.0
_LAST_YEAR_DAMPING = (
    0.8  # how much of last year's rise or fall is expected back; chosen on origins Oct 2010 to Aug 2011
)
_PROFILE_PRIOR_DAYS = 2.0
_RATIO_LIMITS = (0.4, 3.0)


@dataclass(frozen=True)
class Season:
    """The shop's smoothed level, weekdays apart: `past` per known day, `future` per day of the horizon.

    Both relative to the level at the origin, which is 1.
    """

    past: Floats
    future: Floats


@dataclass(frozen=True)
class ClientHistory:
    """Sales of the client as a whole up to an origin, the day after the last.

    `sellers[d]` items sold on day `first + d`, of `awake[d]` that had sold within the half year before (None: the same
    number on all days).
    """

    first: dt.date
    sellers: Floats
    awake: Floats | None = None

    @classmethod
    def of(cls, first: dt.date, units: NDArray[np.floating]) -> ClientHistory:
        """The history of these items alone; `units`: items x days from `first` on, NaN where not known."""
        sold = np.nan_to_num(units) > 0
        day = np.arange(sold.shape[1])
        last_sale = np.maximum.accumulate(np.where(sold, day, -AWAKE_DAYS), axis=1)
        return cls(first, sold.sum(axis=0).astype(np.float64), (day - last_sale < AWAKE_DAYS).sum(axis=0, dtype=float))

    @property
    def days(self) -> int:
        return len(self.sellers)

    def until(self, days: int) -> ClientHistory:
        """What was known after the first `days` days."""
        return ClientHistory(self.first, self.sellers[:days], None if self.awake is None else self.awake[:days])

    @cached_property
    def closed(self) -> ClosedDays:
        return learn(self.first, self.sellers)

    def open_days(self, horizon_days: int) -> NDArray[np.bool_]:
        """True on the days the shop is open: known ones as seen, then `horizon_days` as predicted."""
        return ~self.closed.mask(horizon_days)

    def weekdays(self, horizon_days: int = 0) -> NDArray[np.int64]:
        """Monday = 0, for each known day and the horizon."""
        weekdays: NDArray[np.int64] = (self.first.weekday() + np.arange(self.days + horizon_days)) % 7
        return weekdays

    @cached_property
    def weekday_profile(self) -> Floats:
        """Mean items sold on an open day of each weekday in the last year, over the mean of all open days; 0 = closed.

        Weekdays with little history lean to 1.
        """
        recent = slice(-YEAR_DAYS, None)
        is_open, weekday, sellers = self.open_days(0)[recent], self.weekdays()[recent], self.sellers[recent]
        mean = sellers[is_open].mean() if is_open.any() else 0.0
        if mean <= 0:
            return np.ones(7)
        count = np.bincount(weekday[is_open], minlength=7)
        total = np.bincount(weekday[is_open], weights=sellers[is_open], minlength=7)
        profile = (total / mean + _PROFILE_PRIOR_DAYS) / (count + _PROFILE_PRIOR_DAYS)
        profile[list(self.closed.weekdays)] = 0.0
        return profile

    def day_shares(self) -> Floats:
        """What each known day was of an average open day by its weekday; 0 = closed."""
        return self.weekday_profile[self.weekdays()] * self.open_days(0)

    @cached_property
    def activity(self) -> float:
        """The share of the items in the range that sell on an open day of the last half year; 0 where not known."""
        if self.awake is None:
            return 0.0
        counted = self.open_days(0)[-AWAKE_DAYS:]
        on_offer = float(self.awake[-AWAKE_DAYS:][counted].sum())
        return float(self.sellers[-AWAKE_DAYS:][counted].sum()) / on_offer if on_offer > 0 else 0.0

    def season(self, horizon_days: int) -> Season:
        """The level's course, from known days only; the future repeats part of last year's rise or fall from here."""
        flat = Season(np.ones(self.days), np.ones(horizon_days))
        if not self.days:
            return flat
        is_open, profile = self.open_days(0), self.weekday_profile[self.weekdays()]
        counted = is_open & (profile > 0)
        daily = np.divide(self.sellers, profile * self._range(), out=np.zeros(self.days), where=counted)
        reach = int(4 * _SMOOTHING_DAYS)
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SMOOTHING_DAYS) ** 2)
        weight = np.convolve(counted, kernel)[reach : reach + self.days]
        level = np.divide(
            np.convolve(daily, kernel)[reach : reach + self.days], weight, out=np.zeros(self.days), where=weight > 1e-9
        )
        now = _recent(level)
        if now <= 0:
            return flat
        past = np.where(level > 0, level / now, 1.0)
        if self.days <= YEAR_DAYS:
            return Season(past, np.ones(horizon_days))
        then = _recent(past[: self.days - YEAR_DAYS])
        ahead = self.days - YEAR_DAYS + np.arange(horizon_days)
        repeat = past[np.minimum(ahead, self.days - 1)]
        if then <= 0:
            return Season(past, np.ones(horizon_days))
        return Season(past, np.clip(repeat / then, *_RATIO_LIMITS) ** _LAST_YEAR_DAMPING)

    def _range(self) -> Floats:
        """How many items were on offer on each day. In the first half year items appear for the first time:
        the range of its last day is used for all of it."""
        if self.awake is None:
            return np.ones(self.days)
        start = min(AWAKE_DAYS, self.days) - 1
        return np.maximum(np.where(np.arange(self.days) < start, self.awake[start], self.awake), 1.0)


def _recent(level: Floats) -> float:
    known = level > 0
    weight = 0.5 ** (np.arange(len(level))[::-1] / _RECENT_HALF_LIFE_DAYS) * known
    return float((level * weight).sum() / weight.sum()) if known.any() else 0.0
