"""Ranges of calendar days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shared.domain.errors import InvalidField


class InvalidRange(InvalidField):
    """The end of a range is before its start."""

    code = "invalid_range"


@dataclass(frozen=True)
class DateRange:
    """At least one day: `first` and `last` are both included."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def in_utc(moment: dt.datetime) -> dt.datetime:
    """The moment in UTC; raises ValueError where the calendar has no such day there, as for year 1 at +14:00."""
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("in UTC it lies outside the years 1 to 9999") from None


def days_after(day: dt.date, days: int) -> dt.date:
    """The day that many days after (before, where negative), or the last (first) one that the calendar has."""
    number = day.toordinal() + days
    return dt.date.fromordinal(max(dt.date.min.toordinal(), min(number, dt.date.max.toordinal())))
