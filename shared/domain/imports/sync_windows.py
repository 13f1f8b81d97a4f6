"""Which days of sales a sync reads, and how far it has come."""

from __future__ import annotations

import datetime as dt

from shared.domain.dates import DateRange
from shared.domain.imports.sales_history import MAXIMUM_WINDOW_DAYS

WINDOW_DAYS = 90


def days_to_read(
    today: dt.date,
    watermark: dt.date | None,
    overlap_days: int,
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> DateRange:
    """The days from `start` to `end`, both included.

    Without an end it is the client's `today`. Without a start it is the watermark less the overlap, so that late
    corrections arrive; and without a watermark, on a first run, two years before the end.
    """
    last = end or today
    if start is not None:
        return DateRange(min(start, last), last)
    if watermark is None:
        return DateRange(last - dt.timedelta(days=MAXIMUM_WINDOW_DAYS - 1), last)
    return DateRange(min(watermark - dt.timedelta(days=overlap_days), last), last)


def windows(days: DateRange, most: int = WINDOW_DAYS) -> list[DateRange]:
    """The days in windows of at most `most` days, the oldest first: none is missing, none is in two."""
    found = []
    first = days.first
    while first <= days.last:
        last = min(first + dt.timedelta(days=most - 1), days.last)
        found.append(DateRange(first, last))
        first = last + dt.timedelta(days=1)
    return found


def moved_watermark(
    watermark: dt.date | None, window: DateRange, today: dt.date, *, from_start: bool
) -> dt.date | None:
    """The last day up to which everything is stored, once this window is.

    It never goes back and is never in the future. Without a watermark only a run that reads from the start of the
    history sets one (`from_start`), and a window that leaves a gap behind the watermark does not move it: the days in
    between would never be read.
    """
    reached = min(window.last, today)
    if watermark is None:
        return reached if from_start else None
    if window.first > watermark + dt.timedelta(days=1):
        return watermark
    return max(watermark, reached)
