"""What a campaign brought: the days before, during and after it against what was expected without it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.uplift_interval import UpliftInterval, uplift_interval
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


class Span(StrEnum):
    """What sales around a campaign are added up over."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Sold:
    """Sales of a product in a span; `priced_units` are those whose revenue is known, which is None where none is."""

    units: Decimal
    revenue: Decimal | None = None
    priced_units: Decimal = Decimal(0)


@dataclass(frozen=True)
class ProductSales:
    """What a product sold around a campaign; `usual` is what it sells by ISO weekday, None where nobody knows."""

    sold: Mapping[Span, Sold]
    usual: Mapping[int, float] | None


@dataclass(frozen=True)
class MeasuredProduct:
    """A product that figures are about: `sales` are None where none of it are known, `expected` what it would sell
    without the campaign, empty while that has not begun."""

    item_id: str
    sales: ProductSales | None
    by_forecast: bool
    expected: Mapping[Span, float]

    def sold(self, span: Span) -> Sold:
        return _NOTHING if self.sales is None else self.sales.sold[span]


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
    uplift_interval: UpliftInterval | None


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


def measured(
    item_ids: Iterable[str],
    sales: Mapping[str, ProductSales],
    forecast: Mapping[str, Mapping[Span, float]],
    spans: Windows,
) -> list[MeasuredProduct]:
    """The products whose sales without the campaign can be told, and what these are.

    From `forecast` where that has the product, else from the same weekdays of the reference. A product that has neither
    is left out of every figure: its sales would count against an expectation of nothing. Before the campaign begins
    these are the products that will be measured if no forecast covers more.
    """
    products = []
    for item_id in item_ids:
        sold, by_forecast = sales.get(item_id), forecast.get(item_id)
        if by_forecast is not None:
            products.append(MeasuredProduct(item_id, sold, True, by_forecast))
        elif sold is not None and sold.usual is not None:
            products.append(MeasuredProduct(item_id, sold, False, _by_weekday(sold.usual, spans)))
    return products


def mean_price(products: Iterable[MeasuredProduct], span: Span = Span.REFERENCE) -> Decimal | None:
    """Revenue a unit of the products in the span, units without a revenue left out; None where nothing was sold."""
    sold = [product.sold(span) for product in products]
    units = sum((each.priced_units for each in sold), Decimal(0))
    revenue = sum((each.revenue for each in sold if each.revenue is not None), Decimal(0))
    return revenue / units if units > 0 else None


def expected_by_weekday(units_of: Mapping[int, float], window: DateRange | None) -> float:
    """What sells in the window when each day is like its weekday (ISO: 1 is Monday) usually is."""
    if window is None:
        return 0.0
    weeks, rest = divmod(window.days, 7)
    left_over = (window.first + dt.timedelta(days=number) for number in range(rest))
    return weeks * sum(units_of.values()) + sum(units_of.get(day.isoweekday(), 0.0) for day in left_over)


def phase(
    span: Span,
    window: DateRange | None,
    products: Sequence[MeasuredProduct],
    price: Decimal | None,
    daily_deviation: float | None,
) -> Phase:
    """Sales and expectation of the products in the window. Where no sale of any is known around the campaign, none is.

    A day without a record is one without a sale. The uplift's share is of the expected units, None where they are 0.
    `daily_deviation`: see uplift_interval.py.
    """
    if window is None:
        return Phase(None, None, 0, None, None, None, None, None, None, None)
    sold = [product.sold(span) for product in products]
    known = any(product.sales is not None for product in products)
    units = round_quantity(sum((each.units for each in sold), Decimal(0))) if known else None
    revenues = [each.revenue for each in sold if each.revenue is not None]
    expectations = [product.expected[span] for product in products if span in product.expected]
    expected = round(sum(expectations), 3) if expectations else None
    uplift = None if expected is None or units is None else round(float(units) - expected, 3)
    return Phase(
        from_date=window.first,
        to_date=window.last,
        days=window.days,
        units=units,
        revenue=round_money(sum(revenues, Decimal(0))) if revenues else None,
        expected_units=expected,
        expected_revenue=_worth(expected, price),
        uplift_units=uplift,
        uplift_share=round(uplift / expected, 4) if uplift is not None and expected else None,
        uplift_interval=uplift_interval(uplift, daily_deviation, window.days),
    )


def _by_weekday(usual: Mapping[int, float], spans: Windows) -> dict[Span, float]:
    if spans.during is None:
        return {}
    during = {Span.DURING: expected_by_weekday(usual, spans.during)}
    return during if spans.after is None else during | {Span.AFTER: expected_by_weekday(usual, spans.after)}


def _worth(units: float | None, price: Decimal | None) -> Decimal | None:
    if units is None or price is None:
        return None
    return round_money(Decimal(str(units)) * price)


def _known(first: dt.date, last: dt.date, yesterday: dt.date | None) -> DateRange | None:
    if yesterday is None or yesterday < first:
        return None
    return DateRange(first, min(last, yesterday))


_NOTHING = Sold(Decimal(0))
