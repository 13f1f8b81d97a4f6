"""Which days a sync reads, and how far it has come."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.client import Client
from shared.domain.dates import DateRange
from shared.domain.imports.sales_history import MAXIMUM_WINDOW_DAYS
from shared.domain.imports.sync_windows import days_to_read, moved_watermark, windows

TODAY = dt.date(2026, 11, 28)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2050, 1, 1))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_a_first_run_reads_two_years_and_later_ones_the_overlap() -> None:
    first = days_to_read(TODAY, None, 7)
    assert (first.last, first.days) == (TODAY, MAXIMUM_WINDOW_DAYS)
    assert days_to_read(TODAY, day("2026-11-27"), 7) == DateRange(day("2026-11-20"), TODAY)
    assert days_to_read(TODAY, TODAY, 0) == DateRange(TODAY, TODAY)
    # After a long break everything that was missed is read.
    assert days_to_read(TODAY, day("2025-01-10"), 7).first == day("2025-01-03")


def test_what_is_said_is_read() -> None:
    assert days_to_read(TODAY, day("2026-11-27"), 7, day("2015-01-01")).first == day("2015-01-01")
    assert days_to_read(TODAY, None, 7, day("2026-01-01"), day("2026-02-01")).days == 32


@given(DAYS, st.integers(0, 5000), st.integers(1, 731))
def test_windows_hold_every_day_once(first: dt.date, length: int, most: int) -> None:
    days = DateRange(first, first + dt.timedelta(days=length))
    found = windows(days, most)
    assert sum(window.days for window in found) == days.days
    assert (found[0].first, found[-1].last) == (days.first, days.last)
    assert all(window.days <= most for window in found)
    assert all(later.first == earlier.last + dt.timedelta(days=1) for earlier, later in itertools.pairwise(found))


@given(st.none() | DAYS, DAYS, st.integers(0, 100), DAYS, st.booleans())
def test_a_watermark_never_goes_back_nor_ahead_of_what_is_stored(
    before: dt.date | None, first: dt.date, length: int, today: dt.date, from_start: bool
) -> None:
    window = DateRange(first, first + dt.timedelta(days=length))
    after = moved_watermark(before, window, today, from_start=from_start)
    if before is not None:
        assert after is not None
        assert after >= before
    if after != before and after is not None:
        assert after <= min(window.last, today)
        assert before is None or window.first <= before + dt.timedelta(days=1)


def test_a_window_with_a_gap_before_it_moves_nothing() -> None:
    window = DateRange(day("2026-11-10"), day("2026-11-12"))
    assert moved_watermark(day("2026-11-08"), window, TODAY, from_start=False) == day("2026-11-08")
    assert moved_watermark(day("2026-11-09"), window, TODAY, from_start=False) == day("2026-11-12")
    assert moved_watermark(None, window, TODAY, from_start=False) is None
    assert moved_watermark(None, window, TODAY, from_start=True) == day("2026-11-12")


@pytest.mark.parametrize(
    ("at", "zone", "today"),
    [
        ("2026-11-28T23:30:00+00:00", "Europe/Berlin", "2026-11-29"),  # past midnight there
        ("2026-11-29T04:30:00+00:00", "America/New_York", "2026-11-28"),
        ("2026-03-29T00:59:59+00:00", "Europe/London", "2026-03-29"),  # before and after clocks go forward
        ("2026-03-29T23:00:00+00:00", "Europe/London", "2026-03-30"),
        ("2026-10-24T23:30:00+00:00", "Europe/London", "2026-10-25"),  # before they go back
        ("2026-10-25T23:30:00+00:00", "Europe/London", "2026-10-25"),
    ],
)
def test_nights_follow_one_another_whatever_the_clock_does(at: str, zone: str, today: str) -> None:
    """Run after run, at about the same time, no day is left out: each begins where the last one ended, or earlier."""
    client = Client("c", "C", timezone=zone)
    moment = dt.datetime.fromisoformat(at)
    assert client.today(moment) == day(today)
    watermark: dt.date | None = None
    read: list[DateRange] = []
    for night in range(5):
        this_day = client.today(moment + dt.timedelta(days=night))
        days = days_to_read(this_day, watermark, 0)
        for window in windows(days):
            watermark = moved_watermark(watermark, window, this_day, from_start=watermark is None or night == 0)
        read.append(days)
        assert watermark == this_day
    assert all(later.first <= earlier.last for earlier, later in itertools.pairwise(read))
