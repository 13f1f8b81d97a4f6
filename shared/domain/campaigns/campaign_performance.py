"""What a campaign brought: the days before, during and after it against what was expected without it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.campaigns.campaign import Campaign
from shared.domain.dates import DateRange, days_after
from shared.domain.money import round_money, round_quantity

WEEKS_BEFORE = 8
# Of a campaign without an end, say, the days before and after are as many as are worth a comparison.
LONGEST_COMPARISON_DAYS = 365


@dataclass(frozen=True)
class Windows:
    """The days to compare, as far as demand is known; None for a window without a known day.

    `before` and `after` are as long as the campaign, at most LONGEST_COMPARISON_DAYS; `reference` are the 8 weeks
    before it, which prices and the means of weekdays come from, None of a campaign that starts on the first day of the
    calendar.
    """

    before: DateRange | None
    during: DateRange | None
    after: DateRange | None
    reference: DateRange | None

    @property
    def expected(self) -> DateRange | None:
        """All days that something is expected of: during and after."""
        if self.during is None:
            return None
        return DateRange(self.during.first, (self.after or self.during).last)

    @property
    def known(self) -> DateRange | None:
        """All days whose sales are compared or give the reference; None where no window has a known day."""
        compared = [window for window in (self.before, self.during, self.after) if window is not None]
        if not compared:
            return None
        first = min(window.first for window in (*compared, self.reference or compared[0]))
        return DateRange(first, max(window.last for window in compared))


@dataclass(frozen=True)
class SalesDay:
    day: dt.date
    units: Decimal
    revenue: Decimal | None


@dataclass(frozen=True)
class Phase:
    """Sales of a window and what was expected; money has 2 decimals, expected units 3. None: not known."""

    from_date: dt.date | None
    to_date: dt.date | None
    days: int
    units: Decimal | None
    revenue: Decimal | None
    expected_units: float | None
    expected_revenue: Decimal | None
    uplift_units: float | None
    uplift_share: float | None


def windows(campaign: Campaign, today: dt.date) -> Windows:
    """The windows of a campaign; `today` is the first day whose demand is not known yet.

    Its days are those on which it ran, where a status given has ended it early, say. Nothing lies outside the calendar:
    a campaign until its last day has no window after it.
    """
    run = campaign.days_run
    days = run or DateRange(campaign.start_date, campaign.end_date)
    start, end, length = days.first, days.last, min(days.days, LONGEST_COMPARISON_DAYS)
    yesterday = None if today == dt.date.min else days_after(today, -1)
    before, after = start != dt.date.min, end != dt.date.max
    day_before, day_after = days_after(start, -1), days_after(end, 1)
    return Windows(
        before=_known(days_after(start, -length), day_before, yesterday) if before else None,
        during=_known(start, end, yesterday) if run else None,
        after=_known(day_after, days_after(end, length), yesterday) if after else None,
        reference=DateRange(days_after(start, -7 * WEEKS_BEFORE), day_before) if before else None,
    )


def mean_price(sales: Iterable[SalesDay], reference: DateRange | None) -> Decimal | None:
    """Revenue a unit in the reference window, days without a revenue left out; None where nothing was sold."""
    if reference is None:
        return None
    known = [day for day in sales if reference.first <= day.day <= reference.last and day.revenue is not None]
    units = sum((day.units for day in known), Decimal(0))
    revenue = sum((day.revenue for day in known if day.revenue is not None), Decimal(0))
    return revenue / units if units > 0 else None


def expected_by_weekday(units_of: Mapping[int, float], window: DateRange | None) -> float:
    """What sells in the window when each day is like its weekday (ISO: 1 is Monday) usually is."""
    if window is None:
        return 0.0
    days = (window.first + dt.timedelta(days=number) for number in range(window.days))
    return sum(units_of.get(day.isoweekday(), 0.0) for day in days)


def phase(
    window: DateRange | None, sales: Sequence[SalesDay], expected_units: float | None, price: Decimal | None
) -> Phase:
    """Sales and expectation of the window. `sales` are all known days around the campaign: without any, nothing is
    known.

    A day without a record is one without a sale. The uplift's share is of the expected units, None where they are 0.
    """
    if window is None:
        return Phase(None, None, 0, None, None, None, None, None, None)
    inside = [day for day in sales if window.first <= day.day <= window.last]
    units = round_quantity(sum((day.units for day in inside), Decimal(0))) if sales else None
    revenues = [day.revenue for day in inside if day.revenue is not None]
    revenue = round_money(sum(revenues, Decimal(0))) if revenues else None
    expected = None if expected_units is None else round(expected_units, 3)
    uplift = None if expected is None or units is None else round(float(units) - expected, 3)
    return Phase(
        from_date=window.first,
        to_date=window.last,
        days=window.days,
        units=units,
        revenue=revenue,
        expected_units=expected,
        expected_revenue=_worth(expected, price),
        uplift_units=uplift,
        uplift_share=round(uplift / expected, 4) if uplift is not None and expected else None,
    )


def _worth(units: float | None, price: Decimal | None) -> Decimal | None:
    if units is None or price is None:
        return None
    return round_money(Decimal(str(units)) * price)


def _known(first: dt.date, last: dt.date, yesterday: dt.date | None) -> DateRange | None:
    if yesterday is None or yesterday < first:
        return None
    return DateRange(first, min(last, yesterday))
