"""The interval of an uplift: the formula, and how often chance alone stays within it."""

from __future__ import annotations

import datetime as dt
import random
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.campaigns.uplift_interval import (
    LEVEL,
    ReferenceDay,
    UpliftInterval,
    daily_deviation,
    uplift_interval,
)
from shared.domain.dates import DateRange

DAY = dt.timedelta(1)
FIRST = dt.date(2024, 3, 11)  # a Monday
REFERENCE = DateRange(FIRST, FIRST + 55 * DAY)


def days_of(units: list[float]) -> dict[dt.date, ReferenceDay]:
    return {FIRST + number * DAY: ReferenceDay(value, 0.0) for number, value in enumerate(units)}


def means(units: list[float]) -> dict[int, float]:
    return {weekday + 1: mean(units[weekday::7]) for weekday in range(7)}


_WEEKS = st.lists(st.floats(0, 1000), min_size=56, max_size=56)


@given(_WEEKS)
def test_the_deviation_is_from_the_mean_of_the_weekday(units: list[float]) -> None:
    by_weekday = [units[weekday::7] for weekday in range(7)]
    squares = sum((len(values) - 1) * stdev(values) ** 2 for values in by_weekday)
    assert daily_deviation(days_of(units), means(units), REFERENCE) == pytest.approx((squares / 49) ** 0.5, abs=1e-6)


@given(st.lists(st.floats(0, 1000), min_size=7, max_size=7))
def test_weeks_that_are_all_alike_do_not_deviate(week: list[float]) -> None:
    assert daily_deviation(days_of(week * 8), means(week * 8), REFERENCE) == pytest.approx(0, abs=1e-9)


def test_a_day_without_a_record_is_one_without_a_sale_and_one_without_stock_is_as_usual() -> None:
    units = [5.0] * 55
    usual = dict.fromkeys(range(1, 8), 5.0)
    assert daily_deviation(days_of(units), usual, REFERENCE) == pytest.approx(5 / 7)  # the last day: sqrt(25 / 49)
    out_of_stock = days_of(units) | {FIRST + 55 * DAY: ReferenceDay(0.0, 5.0)}
    assert daily_deviation(out_of_stock, usual, REFERENCE) == 0


def test_without_any_record_nothing_is_known() -> None:
    assert daily_deviation({}, {}, REFERENCE) is None
    assert daily_deviation(days_of([1.0]), {}, None) is None
    assert daily_deviation(days_of([1.0]), {}, DateRange(FIRST, FIRST + 6 * DAY)) is None
    assert uplift_interval(None, 1.0, 3) is None
    assert uplift_interval(1.0, None, 3) is None


@given(st.floats(-1e6, 1e6), st.floats(0, 1e4), st.integers(1, 3000))
def test_it_lies_around_the_uplift_and_grows_with_the_root_of_the_days(
    uplift: float, deviation: float, days: int
) -> None:
    found, longer = uplift_interval(uplift, deviation, days), uplift_interval(uplift, deviation, 4 * days)
    assert found is not None
    assert longer is not None
    assert (found.low + found.high) / 2 == pytest.approx(uplift, abs=0.001)
    assert longer.high - longer.low == pytest.approx(2 * (found.high - found.low), abs=0.005)
    assert found.low <= uplift + 0.001
    assert uplift_interval(1.0, 2.0, 9) == UpliftInterval(0.8, -6.689, 8.689)


@pytest.mark.parametrize("days", [1, 7, 28])
def test_chance_alone_stays_within_as_often_as_it_says(days: int) -> None:
    """Days of a seller with a weekly shape, and a campaign that brings nothing."""
    chance = random.Random(days)
    shape, within, tries = [30.0, 20, 20, 25, 40, 60, 50], 0, 1500
    for _ in range(tries):
        units = [chance.gauss(shape[number % 7], 6) for number in range(56)]
        sold = sum(chance.gauss(shape[number % 7], 6) for number in range(days))
        expected = sum(shape[number % 7] for number in range(days))
        found = uplift_interval(sold - expected, daily_deviation(days_of(units), means(units), REFERENCE), days)
        assert found is not None
        within += found.low <= 0 <= found.high
    assert within / tries == pytest.approx(LEVEL, abs=0.03)
