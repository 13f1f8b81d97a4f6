"""The period that a report is about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shared.domain.dates import InvalidRange
from shared.domain.errors import InvalidField
from shared.request_context import RequestContext

DEFAULT_DAYS = 91
MAX_DAYS = 731
_DAY = dt.timedelta(1)


class PeriodTooLong(InvalidField):
    """The period is longer than one request may ask for."""

    code = "period_too_long"


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, seen from `today`."""

    first: dt.date
    last: dt.date
    today: dt.date


def period(context: RequestContext, first: dt.date | None, last: dt.date | None) -> Period:
    """The period of a request; one read. Raises InvalidRange when it ends before it begins, and PeriodTooLong."""
    today = context.today
    last = last or max(today, first or today)
    if first is None:
        first = last - min((DEFAULT_DAYS - 1) * _DAY, last - dt.date.min)
    if first > last:
        raise InvalidRange("query/from_date", f"from_date {first} lies behind to_date {last}")
    if (last - first).days >= MAX_DAYS:
        raise PeriodTooLong(
            "query/from_date", f"{first} to {last} is longer than {MAX_DAYS} days: ask for less at a time"
        )
    return Period(first, last, today)
