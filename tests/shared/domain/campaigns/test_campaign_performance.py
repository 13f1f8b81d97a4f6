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
    MeasuredProduct,
    Phase,
    ProductSales,
    Sold,
    Span,
    expected_by_weekday,
    mean_price,
    measured,
    phase,
    windows,
)
from shared.domain.campaigns.uplift_interval import UpliftInterval
from shared.domain.dates import DateRange, days_after

DAY = dt.timedelta(1)
START = dt.date(2024, 5, 6)  # a Monday


def sold(units: str, revenue: str | None = None) -> Sold:
    """All of it with a revenue, or none."""
    if revenue is None:
        return Sold(Decimal(units))
    return Sold(Decimal(units), Decimal(revenue), Decimal(units))


def product(
    item_id: str = "a", expected: float | None = None, sales: dict[Span, Sold] | None = None, by_forecast: bool = False
) -> MeasuredProduct:
    """Sold nothing in spans that `sales` does not say; without `sales` nothing of it is known."""
    held = None if sales is None else ProductSales({span: sales.get(span, sold("0")) for span in Span}, None)
    return MeasuredProduct(item_id, held, by_forecast, {} if expected is None else {Span.DURING: expected})


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


@given(st.dictionaries(st.integers(1, 7), st.floats(0, 1e6)), st.dates(), st.integers(1, 400))
def test_what_is_expected_is_the_sum_of_the_days(usual: dict[int, float], first: dt.date, days: int) -> None:
    window = DateRange(first, days_after(first, days - 1))
    each = [usual.get(days_after(window.first, number).isoweekday(), 0.0) for number in range(window.days)]
    assert expected_by_weekday(usual, window) == pytest.approx(sum(each))


_UNITS = st.decimals(0, 1000, places=3)
_MAYBE_SALES = st.none() | st.builds(
    ProductSales,
    st.fixed_dictionaries({span: st.builds(Sold, _UNITS, st.none() | _UNITS, _UNITS) for span in Span}),
    st.none() | st.fixed_dictionaries({weekday: st.floats(0, 100) for weekday in range(1, 8)}),
)
_FORECAST = st.fixed_dictionaries({Span.DURING: st.floats(0, 1000), Span.AFTER: st.floats(0, 1000)})


@given(
    st.dictionaries(st.sampled_from("abcdef"), _MAYBE_SALES),
    st.dictionaries(st.sampled_from("abcdef"), _FORECAST),
    st.integers(-3, 30),
)
def test_every_figure_is_about_the_products_that_are_measured(
    held: dict[str, ProductSales | None], forecast: dict[str, dict[Span, float]], days_known: int
) -> None:
    """Products without an expectation may be in the campaign or not: nothing changes."""
    spans = windows(Campaign("1", "x", START, START + 6 * DAY), START + days_known * DAY)
    if spans.during is None:
        forecast = {}
    sales = {item: found for item, found in held.items() if found is not None}
    products = measured("abcdef", sales, forecast, spans)
    ids = [each.item_id for each in products]
    assert set(ids) == set(forecast) | {item for item, found in sales.items() if found.usual is not None}
    assert products == measured(ids, {item: sales[item] for item in ids if item in sales}, forecast, spans)
    assert all(each.by_forecast == (each.item_id in forecast) for each in products)
    for span, window in ((Span.BEFORE, spans.before), (Span.DURING, spans.during), (Span.AFTER, spans.after)):
        found = phase(span, window, products, None, None)
        if found.units is not None:
            assert found.units == sum(sales[item].sold[span].units for item in ids if item in sales)
        if window is not None and span is not Span.BEFORE and products:
            assert found.expected_units == pytest.approx(sum(each.expected[span] for each in products), abs=0.001)
        else:
            assert found.expected_units is None


def test_the_price_is_revenue_by_the_units_that_have_one() -> None:
    priced = product(sales={Span.REFERENCE: Sold(Decimal(7), Decimal(12), Decimal(4)), Span.DURING: sold("1", "99")})
    without = product("b", sales={Span.REFERENCE: sold("5")})
    assert mean_price([priced, without]) == Decimal(3)
    assert mean_price([product(sales={Span.REFERENCE: sold("0", "0")}), product()]) is None
    assert mean_price([]) is None


def test_a_phase_is_held_against_what_was_expected() -> None:
    products = [
        product("a", 5.0, {Span.DURING: sold("3", "29.5"), Span.BEFORE: sold("9", "90")}),
        product("b", 0.8, {Span.DURING: sold("4.25")}, by_forecast=True),
    ]
    assert phase(Span.DURING, DateRange(START, START + 3 * DAY), products, Decimal("9.999"), 2.0) == Phase(
        from_date=START,
        to_date=START + 3 * DAY,
        days=4,
        units=Decimal("7.250"),
        revenue=Decimal("29.50"),
        expected_units=5.8,
        expected_revenue=Decimal("57.99"),
        uplift_units=1.45,
        uplift_share=0.25,
        uplift_interval=UpliftInterval(0.8, -3.676, 6.576),
    )


@pytest.mark.parametrize(
    ("products", "price", "shown"),
    [
        ([], None, (None, None, None, None, None, None)),
        ([product(expected=4.0)], None, (None, None, 4.0, None, None, None)),
        (
            [product(expected=0.0, sales={Span.BEFORE: sold("1", "2")})],
            Decimal(2),
            (Decimal(0), None, 0.0, Decimal("0.00"), 0.0, None),
        ),
        ([product(sales={Span.DURING: sold("1")})], Decimal(2), (Decimal(1), None, None, None, None, None)),
    ],
)
def test_what_is_not_known_is_null(
    products: list[MeasuredProduct], price: Decimal | None, shown: tuple[object, ...]
) -> None:
    found = phase(Span.DURING, DateRange(START, START), products, price, None)
    figures = (found.units, found.revenue, found.expected_units, found.expected_revenue)
    assert (*figures, found.uplift_units, found.uplift_share) == shown
    assert found.uplift_interval is None


def test_a_phase_without_a_known_day_has_no_figures() -> None:
    found = phase(Span.DURING, None, [product(expected=5.0, sales={Span.DURING: sold("1", "2")})], Decimal(2), 1.0)
    assert set(vars(found).values()) == {None, 0}
