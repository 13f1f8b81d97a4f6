"""Dates as people write them: read as they were meant, or asked about, never as another day."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.imports.given_notation import DateOrder
from shared.domain.imports.written_dates import MONTHS, DateEvidence, DateNotation, dates_written, local_times

TODAY = dt.date(2011, 10, 13)
DAY = dt.date(2011, 10, 12)


def evidence(*texts: str) -> DateEvidence:
    column = DateEvidence(TODAY)
    column.add(pl.Series(texts))
    return column


@pytest.mark.parametrize(
    "text",
    [
        *("2011/10/12", "2011.10.12", "20111012", "12.10.2011", "12. 10. 2011".replace(" ", ""), "40828"),
        *("12 Okt 2011", "12. Oktober 2011", "12-Oct-11", "12 October 2011", "Oct 12, 2011", "October 12 2011"),
        *("12 octobre 2011", "12 oct. 2011", "12 de octubre de 2011", "12 ottobre 2011", "12 ott 2011", "12 okt. 2011"),
    ],
)
def test_dates_that_have_one_reading(text: str) -> None:
    assert set(dates_written(text, TODAY).values()) == {DAY}
    assert evidence(text).possible == ("DMY",)


@pytest.mark.parametrize(
    "text",
    [
        *("31.02.2011", "12.13.2011", "2011-13-01x", "12/10", "20111", "99999", "12 Foo 2011", "12.10.20111", ""),
        *("12/10-2011", "20111332", "1/2/3", "yesterday", "12.10.99"),
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert dates_written(text, TODAY) == {}


def test_the_month_of_march_in_six_languages() -> None:
    names = ("march", "mar", "marz", "maerz", "mars", "marzo", "maart", "mrt")
    assert {MONTHS[name] for name in names} == {3}
    assert dates_written("1 März 2011", TODAY) == dict.fromkeys(("YMD", "DMY", "MDY"), dt.date(2011, 3, 1))


@pytest.mark.parametrize(
    ("texts", "possible"),
    [
        (["13/10/2011", "11/10/2011"], ("DMY",)),
        (["10/13/2011", "10/11/2011"], ("MDY",)),
        (["11/10/2011", "12/10/2011"], ("DMY", "MDY")),
        (["10/10/2011"], ("DMY",)),  # the same day both ways
        (["11-10-09"], ("YMD", "DMY", "MDY")),
        (["25/12/09"], ("DMY",)),  # 2025 is not yet
        ([*(f"{day}/10/2011" for day in range(1, 14)), "10/25/2011"], ("DMY", "MDY")),
        ([*(f"{day}/{month}/2010" for day in range(1, 29) for month in range(1, 5)), "10/25/2010"], ("DMY",)),
        ([*(f"{day}/{month}/2010" for day in range(1, 12) for month in range(1, 12)), "10/25/2010"], ("DMY", "MDY")),
    ],
)
def test_a_column_tells_its_order_or_does_not(texts: list[str], possible: tuple[DateOrder, ...]) -> None:
    assert evidence(*texts).possible == possible


@pytest.mark.parametrize(
    ("text", "time"),
    [
        *(("12.10.2011", (0, 0, 0)), ("12.10.2011 09:14", (9, 14, 0)), ("12.10.2011, 9:14", (9, 14, 0))),
        *(("12.10.2011 9:14 PM", (21, 14, 0)), ("12.10.2011 12:05 am", (0, 5, 0)), ("12.10.2011 12:05pm", (12, 5, 0))),
        *(("12.10.2011T09:14:33", (9, 14, 33)), ("12.10.2011 09:14:33.123", (9, 14, 33))),
        *(("12.10.2011 24:00", None), ("12.10.2011 13:00 PM", None), ("12.10.2011 9:61", None), ("x 9:00", None)),
    ],
)
def test_times_of_day(text: str, time: tuple[int, int, int] | None) -> None:
    (read,) = local_times(pl.Series([text]), DateNotation("DMY", TODAY, is_iso=False))
    assert read == (None if time is None else dt.datetime.combine(DAY, dt.time(*time)))


_FORMS: dict[str, DateOrder] = {
    "%Y/%m/%d": "YMD",
    "%Y%m%d": "YMD",
    "%d.%m.%Y": "DMY",
    "%d/%m/%Y": "DMY",
    "%d-%m-%Y": "DMY",
    "%m/%d/%Y": "MDY",
    "%d %b %Y": "DMY",
    "%B %d, %Y": "MDY",
    "%d/%m/%y": "DMY",
    "%m/%d/%y": "MDY",
    "%y/%m/%d": "YMD",
}


@given(st.sampled_from(list(_FORMS)), st.lists(st.dates(dt.date(2000, 1, 1), TODAY), min_size=1, max_size=30))
def test_a_date_is_read_as_it_was_written_or_asked_about(form: str, days: list[dt.date]) -> None:
    texts = [day.strftime(form) for day in days]
    column = evidence(*texts)
    order = _FORMS[form] if len(column.possible) > 1 else column.possible[0]
    assert order in column.possible
    assert local_times(pl.Series(texts), column.notation(order)).dt.date().to_list() == days
