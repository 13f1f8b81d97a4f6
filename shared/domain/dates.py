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
