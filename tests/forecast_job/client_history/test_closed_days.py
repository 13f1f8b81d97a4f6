"""Closed days: weekdays, breaks and holidays that come back are learned; chance and one-off closures are not."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from dateutil.easter import easter

from forecast_job.client_history.closed_days import learn

FIRST = dt.date(2021, 1, 4)  # a Monday
DAYS = 1000


def _sellers(closed: set[dt.date], days: int = DAYS, usual: float = 40.0, weekday_off: int | None = 5) -> np.ndarray:
    dates = [FIRST + dt.timedelta(days=offset) for offset in range(days)]
    return np.array([0.0 if day in closed or day.weekday() == weekday_off else usual for day in dates])


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2000, (4, 23)), (2010, (4, 4)), (2011, (4, 24)), (2024, (3, 31)), (2038, (4, 25)), (2285, (3, 22))],
)
def test_easter_is_the_western_churches(year: int, expected: tuple[int, int]) -> None:
    assert easter(year) == dt.date(year, *expected)


def test_a_weekday_without_sales_is_closed_from_now_on() -> None:
    closed = learn(FIRST, _sellers(set(), 90))
    future = closed.mask(14)[90:]
    weekday = [(FIRST + dt.timedelta(days=90 + day)).weekday() for day in range(14)]
    assert closed.weekdays == {5}
    assert [day == 5 for day in weekday] == future.tolist()


def test_one_exceptional_open_saturday_does_not_open_saturdays() -> None:
    sellers = _sellers(set(), 180)
    sellers[5 + 7 * 10] = 30
    assert learn(FIRST, sellers).weekdays == {5}


def test_a_slow_shop_has_no_closed_days() -> None:
    generator = np.random.default_rng(1)
    closed = learn(FIRST, generator.poisson(0.3, 300).astype(float))
    assert not closed.mask(90).any()


def test_an_empty_history_has_no_closed_days() -> None:
    assert learn(FIRST, np.zeros(0)).mask(5).tolist() == [False] * 5
    assert not learn(FIRST, np.zeros(400)).mask(5).any()


def test_easter_moves_with_its_holidays() -> None:
    holidays = {easter(year) + dt.timedelta(days) for year in (2021, 2022) for days in (-2, 1)}
    closed = learn(FIRST, _sellers(holidays, 700))
    assert closed.predicted(easter(2023) - dt.timedelta(2))
    assert closed.predicted(easter(2023) + dt.timedelta(1))
    assert not closed.predicted(easter(2023) - dt.timedelta(3))
    assert not any(
        closed.predicted(day.replace(year=2023)) for day in holidays if day.replace(year=2023).weekday() != 5
    )


def test_a_yearly_break_comes_back_at_its_dates() -> None:
    days = {dt.date(2021, 12, 24) + dt.timedelta(days=day) for day in range(10)}
    closed = learn(FIRST, _sellers(days, 600))
    assert all(closed.predicted(day.replace(year=day.year + 1)) for day in days)
    assert not closed.predicted(dt.date(2022, 12, 22))
    assert not closed.predicted(dt.date(2023, 1, 4))


def test_a_monday_holiday_moves_with_its_week_of_the_month() -> None:
    closed = learn(FIRST, _sellers({dt.date(2021, 8, 30), dt.date(2022, 8, 29)}, 800))  # the last Mondays of August
    assert closed.predicted(dt.date(2023, 8, 28))
    assert not closed.predicted(dt.date(2023, 8, 29))


def test_a_single_holiday_on_another_weekday_belongs_to_its_date() -> None:
    closed = learn(FIRST, _sellers({dt.date(2021, 11, 2)}, 500))  # a Tuesday
    assert closed.predicted(dt.date(2022, 11, 2))
    assert not closed.predicted(dt.date(2022, 11, 1))


def test_what_was_closed_in_one_of_two_years_is_open() -> None:
    jubilee = dt.date(2022, 6, 2)
    closed = learn(FIRST, _sellers({jubilee}, 700))
    assert jubilee in closed.observed
    assert not closed.predicted(jubilee.replace(year=2023))


def test_a_closure_of_months_happened_once() -> None:
    months = {dt.date(2022, 3, 1) + dt.timedelta(days=day) for day in range(75)}
    closed = learn(FIRST, _sellers(months, 600))
    year_after = {day.replace(year=2023) for day in months}
    assert not any(closed.predicted(day) for day in year_after if day.weekday() != 5)


def test_days_without_data_yet_are_closed_not_zero() -> None:
    sellers = _sellers(set(), 200)
    sellers[-3:] = 0
    assert learn(FIRST, sellers).mask(0)[-3:].all()
