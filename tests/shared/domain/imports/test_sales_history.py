"""Windows, gaps and outliers of daily sales."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.dates import DateRange
from shared.domain.errors import Invalid
from shared.domain.imports.sales_history import MAXIMUM_WINDOW_DAYS, check_length, gaps, outliers, with_calendar

FIRST = dt.date(2010, 1, 1)


def window(days: int) -> DateRange:
    return DateRange(FIRST, FIRST + dt.timedelta(days=days - 1))


def test_two_years_are_the_longest_window() -> None:
    check_length(window(MAXIMUM_WINDOW_DAYS))
    assert MAXIMUM_WINDOW_DAYS == 731
    with pytest.raises(Invalid, match="spans 732 days, 2010-01-01 to 2012-01-02") as refused:
        check_length(window(MAXIMUM_WINDOW_DAYS + 1))
    assert refused.value.code == "window_too_long"


@given(st.sets(st.integers(min_value=0, max_value=59)))
def test_gaps_are_the_weeks_without_a_sale(offsets: set[int]) -> None:
    days = {FIRST + dt.timedelta(days=offset) for offset in offsets | {0, 59}}

    stretches = gaps(window(60), days)

    in_gaps = [gap.first + dt.timedelta(days=day) for gap in stretches for day in range(gap.days)]
    assert all(gap.days >= 7 for gap in stretches)
    assert not set(in_gaps) & days
    silent = [FIRST + dt.timedelta(days=offset) not in days for offset in range(60)]
    runs = "".join("x" if day else " " for day in silent).split()
    assert sorted(gap.days for gap in stretches) == sorted(len(run) for run in runs if len(run) >= 7)


def daily(units: list[float]) -> pl.DataFrame:
    days = [FIRST + dt.timedelta(days=offset) for offset in range(len(units))]
    frame = pl.DataFrame({"item_id": "a", "location_id": "L", "date_local": days, "units_sold": units})
    return frame.with_columns(pl.col("units_sold").cast(pl.Decimal(38, 3)))


def test_a_day_far_beyond_the_usual_is_an_outlier() -> None:
    flagged = outliers(daily([2, 3, 1, 2, 4, 2, 3, 1, 2, 3, 2000]))

    assert flagged.select("date_local", "usual_units").rows() == [(FIRST + dt.timedelta(days=10), 2.0)]


@pytest.mark.parametrize(
    "units",
    [
        [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 12],  # a constant series leaves room
        [2, 3, 2000],  # too short to know what is usual
        [1, 10, 100, 1000, 1, 10, 100, 1000, 1, 10, 5000],  # it always varied so
        [0] * 30,
    ],
)
def test_what_is_no_outlier(units: list[float]) -> None:
    assert outliers(daily(units)).is_empty()


def test_weekends() -> None:
    saturday = dt.date(2011, 10, 8)
    frame = pl.DataFrame({"date_local": [saturday + dt.timedelta(days=offset) for offset in range(-1, 3)]})

    assert with_calendar(frame)["is_weekend"].to_list() == [False, True, True, False]
