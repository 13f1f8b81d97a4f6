"""What a campaign brought: the days before, during and after it against what was expected without it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.campaigns.campaign import Campaign
from shared.domain.dates import DateRange
from shared.domain.money import round_money, round_quantity

WEEKS_BEFORE = 8


@dataclass(frozen=True)
class Windows:
    """The days to compare, as far as demand is known; None for a window without a known day.

    `before` and `after` are as long as the campaign; `reference` are the 8 weeks before it, which prices and the means
    of weekdays come from.
    """

    before: DateRange | None
    during: DateRange | None
    after: DateRange | None
    reference: DateRange

    @property
    def expected(self) -> DateRange | None:
        """All days that something is expected of: during and after."""
        if self.during is None:
            return None
        return DateRange(self.during.first, (self.after or self.during).last)


@dataclass(frozen=True)
class SalesDay:
    day: dt.date
    units: Decimal
    revenue: Decimal | None


@dataclass(frozen=True)
class Phase:
    """Sales of a window and what was expected; money has 2 decimals, expected units 3. None: not known."""

    first_date: dt.date | None
    last_date: dt.date | None
    days: int
    units: Decimal | None
    revenue: Decimal | None
    expected_units: float | None
    expected_revenue: Decimal | None
    uplift_units: float | None
    uplift_share: float | None


def windows(campaign: Campaign, today: dt.date) -> Windows:
    """The windows of a campaign; `today` is the first day whose demand is not known yet."""
    length, day = dt.timedelta(days=campaign.days), dt.timedelta(days=1)
    start, end, yesterday = campaign.start_date, campaign.end_date, today - day
    return Windows(
        before=_known(start - length, start - day, yesterday),
        during=_known(start, end, yesterday),
        after=_known(end + day, end + length, yesterday),
        reference=DateRange(start - dt.timedelta(weeks=WEEKS_BEFORE), start - day),
    )


def mean_price(sales: Iterable[SalesDay], reference: DateRange) -> Decimal | None:
    """Revenue a unit in the reference window, days without a revenue left out; None where nothing was sold."""
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
        first_date=window.first,
        last_date=window.last,
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


def _known(first: dt.date, last: dt.date, yesterday: dt.date) -> DateRange | None:
    last = min(last, yesterday)
    return DateRange(first, last) if first <= last else None
