"""How text becomes typed values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.imports.record_fields import (
    DAILY_SALES_FIELDS,
    MAX_TEXT_LENGTH,
    Field,
    FieldType,
    parse,
)


def parsed(text: str | None, field: Field, timezone: str = "UTC") -> object:
    frame = pl.DataFrame({f"raw_{field.name}": [text]}, schema={f"raw_{field.name}": pl.String})
    return parse(frame, (field,), timezone)[field.name][0]


NUMBER = Field("units_sold", FieldType.DECIMAL, scale=3)
WHEN = Field("date_local", FieldType.DATE_TIME)
FLAG = Field("promotion_flag", FieldType.FLAG)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        (" 12.5 ", "12.5"),
        ("-3", "-3"),
        ("1e3", "1000"),
        (".5", ".5"),
        ("1.0005", "1.000"),  # half-even
        ("1.0015", "1.002"),
        ("1.2999999999999998", "1.3"),
    ],
)
def test_numbers(text: str, value: str) -> None:
    assert parsed(text, NUMBER) == Decimal(value)


@pytest.mark.parametrize("text", ["", "  ", None, "abc", "1,5", "1 000", "NaN", "inf", "0x10", "1" * 200, "٣"])
def test_what_is_no_number(text: str | None) -> None:
    assert parsed(text, NUMBER) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2011-10-12", dt.datetime(2011, 10, 12)),
        ("2011-10-12 17:19", dt.datetime(2011, 10, 12, 17, 19)),
        ("2011-10-12T17:19:20", dt.datetime(2011, 10, 12, 17, 19, 20)),
        ("2011-10-12 17:19:20.123", dt.datetime(2011, 10, 12, 17, 19, 20)),
        ("2011-07-12T23:30:00Z", dt.datetime(2011, 7, 13, 0, 30)),  # London is an hour ahead in summer
        ("2011-07-12 23:30:00+00:00", dt.datetime(2011, 7, 13, 0, 30)),
        ("2011-07-12 23:30:00-0530", dt.datetime(2011, 7, 13, 6, 0)),
        ("2011-07-13T00:30:00 UTC", dt.datetime(2011, 7, 13, 1, 30)),
        ("2011-10-01T12:00+14:00", dt.datetime(2011, 9, 30, 23)),
    ],
)
def test_dates_are_local_to_the_client(text: str, value: dt.datetime) -> None:
    assert parsed(text, WHEN, "Europe/London") == value


@pytest.mark.parametrize(
    "text",
    [
        "2011-13-01",
        "2011-02-29",
        "12/10/2011",
        "20111012",
        "2011-10-12 25:00",
        "2011-10-12x",
        "yesterday",
        "",
        *(f"2011-10-01T12:00{offset}" for offset in ("+25:00", "-14:30", "+15:00", "+01:60", "+1:00", "+9900")),
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert parsed(text, WHEN) is None


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("YES", True), ("1", True), ("False", False), ("n", False), ("maybe", None)]
)
def test_flags(text: str, value: bool | None) -> None:
    assert parsed(text, FLAG) is value


def test_text_is_trimmed_and_blank_text_is_null() -> None:
    assert parsed("  a  b ", Field("item_id", identifier=True)) == "a  b"
    assert parsed(" \t ", Field("item_id")) is None


def test_white_space_in_text_becomes_a_blank_but_not_in_identifiers() -> None:
    assert parsed("KNITTED\u00a0UNION\r\n FLAG", Field("product_name")) == "KNITTED UNION FLAG"
    assert parsed("a\nb", Field("item_id", identifier=True)) == "a\nb"


def test_text_that_is_too_long_has_no_value() -> None:
    assert parsed("x" * MAX_TEXT_LENGTH, Field("item_id")) == "x" * MAX_TEXT_LENGTH
    assert parsed("x" * (MAX_TEXT_LENGTH + 1), Field("item_id")) is None


@settings(deadline=None)
@given(st.lists(st.none() | st.text(max_size=30), min_size=1, max_size=20))
def test_parsing_any_text_raises_nothing(texts: list[str | None]) -> None:
    frame = pl.DataFrame({f"raw_{field.name}": pl.Series(texts, dtype=pl.String) for field in DAILY_SALES_FIELDS})

    assert parse(frame, DAILY_SALES_FIELDS, "Asia/Kathmandu").height == len(texts)
