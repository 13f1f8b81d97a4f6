"""The shop's closed days, learned from its sales: weekdays on which it never sells, and recurring holidays.

Clients do not tell their opening days. A closed day is not a day of zero demand: counted as one, it lowers every level,
and forecasting it as open is an error for every item at once. On the demo's shop, knowing Good Friday to Easter Monday
alone lowers the weighted quantile loss of April 2011 by 4 %.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from dateutil.easter import easter
from numpy.typing import NDArray

_DAY = dt.timedelta(days=1)
_RECENT_WEEKS = 26
_MOSTLY_CLOSED_SHARE = 0.1  # one exceptional open Saturday does not make Saturdays open
_EVIDENCE = 9.2  # -ln(1e-4): expected sales on the days that had none; fewer might be chance (Poisson)
_DAY_EVIDENCE = 5.0  # -ln(0.0067): the same for one single day
_BREAK_DAYS = range(4, 32)  # a run of closed days this long is a yearly break; a longer one happened once
# Good Friday, Holy Saturday, Easter Sunday and Monday, Ascension, Pentecost Sunday and Monday, Corpus Christi.
_EASTER_OFFSETS = frozenset({-2, -1, 0, 1, 39, 49, 50, 60})
# Public holidays that move with the weekday fall on these (bank holidays on Mondays, Thanksgiving on a Thursday).
_MOVING_WEEKDAYS = frozenset({calendar.MONDAY, calendar.THURSDAY})


@dataclass(frozen=True)
class ClosedDays:
    """What was learned: the weekdays (Monday = 0) and dates on which the shop was closed in the `days` from `first`."""

    first: dt.date
    days: int
    weekdays: frozenset[int]
    observed: frozenset[dt.date]

    def mask(self, horizon_days: int) -> NDArray[np.bool_]:
        """True on closed days: the known days as observed, then `horizon_days` more as predicted."""
        known = (self.first + _DAY * offset in self.observed for offset in range(self.days))
        future = (self.predicted(self.first + _DAY * (self.days + offset)) for offset in range(horizon_days))
        return np.fromiter((*known, *future), dtype=np.bool_, count=self.days + horizon_days)

    def predicted(self, day: dt.date) -> bool:
        """Whether a future day will be closed: a closed weekday, or a holiday that was one each time it is known."""
        if day.weekday() in self.weekdays:
            return True
        return any(bool(past) and all(past) for past in (list(seen) for seen in self._precedents(day)))

    def _precedents(self, day: dt.date) -> Iterator[Iterator[bool]]:
        """For each rule under which `day` may be a holiday: was it one in each of the two years before, where known?"""
        offset = (day - easter(day.year)).days
        if offset in _EASTER_OFFSETS:
            yield (self._closed(past) for past in self._known(easter(day.year - k) + _DAY * offset for k in (1, 2)))
        yield (self._fixed(past) for past in self._known(_same_date(day, k) for k in (1, 2)))
        yield (self._moving(past) for past in self._known(_same_weekday_of_month(day, k) for k in (1, 2)))

    def _known(self, days: Iterator[dt.date | None]) -> Iterator[dt.date]:
        """Those for which there is data; nobody can see a holiday on a weekly closing day, unless in a yearly break."""
        last = self.first + _DAY * (self.days - 1)
        inside = (day for day in days if day is not None and self.first <= day <= last)
        return (day for day in inside if day.weekday() not in self.weekdays or self._run(day) in _BREAK_DAYS)

    def _closed(self, day: dt.date) -> bool:
        return day in self.observed

    def _fixed(self, day: dt.date) -> bool:
        """A day of a yearly break, or a single holiday that belongs to its date (25 December, 1 May)."""
        if not self._closed(day) or self._explained_by_easter(day):
            return False
        return self._run(day) in _BREAK_DAYS or (day.weekday() not in _MOVING_WEEKDAYS and self._run(day) < 4)

    def _moving(self, day: dt.date) -> bool:
        """A single holiday that belongs to a weekday of its month (the last Monday of August)."""
        single = self._closed(day) and not self._explained_by_easter(day) and self._run(day) < min(_BREAK_DAYS)
        return single and day.weekday() in _MOVING_WEEKDAYS

    def _explained_by_easter(self, day: dt.date) -> bool:
        return (day - easter(day.year)).days in _EASTER_OFFSETS

    def _run(self, day: dt.date) -> int:
        """How many days the closure around `day` lasted; closed weekdays inside or beside it do not count."""
        count = int(day.weekday() not in self.weekdays)
        for step in (-_DAY, _DAY):
            other = day + step
            while other in self.observed:
                count += other.weekday() not in self.weekdays
                other += step
        return count


def learn(first: dt.date, sellers: NDArray[np.float64]) -> ClosedDays:
    """Learn from `sellers`: how many items sold on each day from `first` on, no day left out.

    A day counts as closed when nothing sold although the weekday's usual number of sellers makes that unlikely
    (Poisson), so a shop of three slow items has no closed days, and days at the end for which no data has arrived yet
    are closed rather than zero demand.
    """
    weekday = (first.weekday() + np.arange(len(sellers))) % 7
    closed_weekdays = frozenset(
        day for day in range(7) if _never_sells(sellers[weekday == day], sellers[weekday != day])
    )
    usual = np.zeros(7)
    for day in range(7):
        selling = sellers[(weekday == day) & (sellers > 0)]
        usual[day] = selling.mean() * (len(selling) / max(1, (weekday == day).sum())) if len(selling) else 0.0
    idle = (sellers == 0) & ((usual[weekday] >= _DAY_EVIDENCE) | np.isin(weekday, list(closed_weekdays)))
    observed = frozenset(first + _DAY * int(offset) for offset in np.flatnonzero(idle))
    return ClosedDays(first, len(sellers), closed_weekdays, observed)


def _never_sells(same: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    recent, usual = same[-_RECENT_WEEKS:], others[-6 * _RECENT_WEEKS :].mean() if len(others) else 0.0
    return len(recent) * usual >= _EVIDENCE and bool((recent > 0).mean() <= _MOSTLY_CLOSED_SHARE)


def _same_date(day: dt.date, years: int) -> dt.date | None:
    if (day.month, day.day) == (2, 29):
        return None
    return day.replace(year=day.year - years)


def _same_weekday_of_month(day: dt.date, years: int) -> dt.date | None:
    """The same weekday of the same week of the month (or the last one where `day` is the last), `years` before."""
    year = day.year - years
    length = calendar.monthrange(year, day.month)[1]
    dates = [d for d in range(1, length + 1) if dt.date(year, day.month, d).weekday() == day.weekday()]
    is_last = (day + 7 * _DAY).month != day.month
    return dt.date(year, day.month, dates[-1] if is_last else dates[(day.day - 1) // 7])
