"""What is compared with what: windows, weekdays, prices, uplift."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.campaigns.campaign import Campaign, CampaignStatus
from shared.domain.campaigns.campaign_performance import (
    LONGEST_COMPARISON_DAYS,
    Phase,
    SalesDay,
    expected_by_weekday,
    mean_price,
    phase,
    windows,
)
from shared.domain.dates import DateRange, days_after

DAY = dt.timedelta(1)
START = dt.date(2024, 5, 6)  # a Monday


def day(number: int, units: str, revenue: str | None = None) -> SalesDay:
    return SalesDay(START + number * DAY, Decimal(units), None if revenue is None else Decimal(revenue))


@given(st.integers(1, 200), st.integers(-300, 600))
def test_windows_hold_the_known_days_around_a_campaign_once_each(length: int, offset: int) -> None:
    campaign = Campaign("1", "x", START, START + (length - 1) * DAY)
    today = START + offset * DAY
    found = windows(campaign, today)
    days = [
        [window.first + number * DAY for number in range(window.days)]
        for window in (found.before, found.during, found.after)
        if window is not None
    ]
    wanted = [START + number * DAY for number in range(-length, 2 * length)]
    assert [one for part in days for one in part] == [one for one in wanted if one < today]
    assert all(len(part) <= length for part in days)
    assert found.reference == DateRange(START - 56 * DAY, START - DAY)
    if found.expected is not None:
        assert found.expected.first == START
        assert found.expected.last == min(today - DAY, START + (2 * length - 1) * DAY)
    else:
        assert today <= START


@given(st.dates(), st.integers(0, 4_000_000), st.dates())
def test_windows_lie_inside_the_calendar_whatever_the_dates(start: dt.date, days: int, today: dt.date) -> None:
    campaign = Campaign("1", "x", start, days_after(start, days))
    found = windows(campaign, today)
    for window in (found.before, found.after):
        assert window is None or window.days <= LONGEST_COMPARISON_DAYS
    assert found.reference is None or found.reference.days <= 56
    assert (found.reference is None) is (start == dt.date.min)
    if found.known is not None:
        assert found.known.last < today
        for window in (found.before, found.during, found.after):
            assert window is None or (found.known.first <= window.first and window.last <= found.known.last)


@pytest.mark.parametrize(
    ("start", "end", "today"),
    [
        (START, dt.date.max, START + 2 * DAY),
        (dt.date.min, dt.date.min, START),
        (dt.date.min, dt.date.max, START),
        (dt.date.max, dt.date.max, dt.date.max),
        (START, START, dt.date.min),
    ],
)
def test_windows_at_the_ends_of_the_calendar(start: dt.date, end: dt.date, today: dt.date) -> None:
    found = windows(Campaign("1", "x", start, end), today)
    assert found.after is None or end < dt.date.max
    assert found.before is None or start > dt.date.min
    assert (found.during is None) is (today <= start)


def test_a_campaign_that_was_ended_early_is_measured_until_then() -> None:
    campaign = Campaign("1", "x", START, START + 20 * DAY).with_status(CampaignStatus.ENDED, START + 6 * DAY)
    found = windows(campaign, START + 40 * DAY)
    assert found.during == DateRange(START, START + 6 * DAY)
    assert found.after == DateRange(START + 7 * DAY, START + 13 * DAY)
    never = Campaign("1", "x", START, START + 20 * DAY).with_status(CampaignStatus.ENDED, START - DAY)
    assert windows(never, START + 40 * DAY).during is None


def test_a_day_is_expected_to_be_like_its_weekday() -> None:
    usual = {1: 10.0, 2: 20.0, 7: 5.0}  # Monday, Tuesday, Sunday; nothing on other days
    assert expected_by_weekday(usual, DateRange(START, START)) == 10
    assert expected_by_weekday(usual, DateRange(START, START + 13 * DAY)) == 70
    assert expected_by_weekday(usual, DateRange(START + 2 * DAY, START + 5 * DAY)) == 0
    assert expected_by_weekday(usual, None) == 0


def test_the_price_is_that_of_the_reference_window() -> None:
    reference = DateRange(START - 10 * DAY, START - DAY)
    sales = [day(-11, "1", "99"), day(-10, "2", "5"), day(-2, "3", None), day(-1, "2", "7"), day(0, "1", "99")]
    assert mean_price(sales, reference) == Decimal(3)
    assert mean_price([day(-3, "0", "0")], reference) is None
    assert mean_price([], reference) is None


def test_a_phase_is_held_against_what_was_expected() -> None:
    sales = [day(-1, "9", "90"), day(0, "3", "29.5"), day(2, "4.25", None), day(4, "9", "90")]
    assert phase(DateRange(START, START + 3 * DAY), sales, 5.8, Decimal("9.999")) == Phase(
        from_date=START,
        to_date=START + 3 * DAY,
        days=4,
        units=Decimal("7.250"),
        revenue=Decimal("29.50"),
        expected_units=5.8,
        expected_revenue=Decimal("57.99"),
        uplift_units=1.45,
        uplift_share=0.25,
    )


@pytest.mark.parametrize(
    ("sales", "expected", "price", "shown"),
    [
        ([], None, None, (None, None, None, None, None, None)),
        ([], 4.0, None, (None, None, 4.0, None, None, None)),
        ([day(-1, "1", "2")], 0.0, Decimal(2), (Decimal(0), None, 0.0, Decimal("0.00"), 0.0, None)),
        ([day(0, "1")], None, Decimal(2), (Decimal(1), None, None, None, None, None)),
    ],
)
def test_what_is_not_known_is_null(
    sales: list[SalesDay], expected: float | None, price: Decimal | None, shown: tuple[object, ...]
) -> None:
    found = phase(DateRange(START, START), sales, expected, price)
    figures = (found.units, found.revenue, found.expected_units, found.expected_revenue)
    assert (*figures, found.uplift_units, found.uplift_share) == shown


def test_a_phase_without_a_known_day_has_no_figures() -> None:
    found = phase(None, [day(0, "1", "2")], 5.0, Decimal(2))
    assert set(vars(found).values()) == {None, 0}
