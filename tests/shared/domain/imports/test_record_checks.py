"""Checks of records: which fail, in which order, and with which reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.imports.record_checks import (
    REJECT_SCHEMA,
    Check,
    Reject,
    check_records,
    date_check,
    duplicate_check,
    field_checks,
    first_of_each_record,
    first_row,
    formula_check,
    item_check,
    length_check,
    location_check,
    no_rejects,
    rejects_by_row,
    whole_number_check,
)
from shared.domain.imports.record_fields import DAILY_SALES_FIELDS, Field, FieldType, parse

ITEM = Field("item_id", required=True, identifier=True)
UNITS = Field("units_sold", FieldType.DECIMAL, scale=3, minimum=0, maximum=1000)
WHEN = Field("date_local", FieldType.DATE_TIME)
TODAY = dt.date(2011, 10, 13)
NAME = Field("name")
DAYS = Field("days", FieldType.DECIMAL, scale=3)


def frame(fields: tuple[Field, ...], **columns: list[str | None]) -> pl.DataFrame:
    raw = {f"raw_{field.name}": pl.Series(columns[field.name], dtype=pl.String) for field in fields}
    height = len(next(iter(columns.values())))
    numbered = pl.DataFrame(raw).with_columns(row_number=pl.Series(range(1, height + 1)), record=pl.lit("{}"))
    return parse(numbered, fields, "UTC")


def split(records: pl.DataFrame, checks: list[Check]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The accepted records, and the first reject of each other one."""
    accepted, rejects = check_records(records, checks)
    return accepted, first_of_each_record(rejects)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (None, None, None),  # not required
        ("12", None, None),
        ("1000", None, None),
        ("-0.001", "negative", "units_sold -0.001 is below 0"),
        ("1000.001", "range", "units_sold 1000.001 is above 1000"),
        ("a dozen", "format", "units_sold 'a dozen' is no number (digits with an optional point, such as 1234.5)"),
        ("9" * 100, "format", f"units_sold '{'9' * 80}' is no number (digits with an optional point, such as 1234.5)"),
    ],
)
def test_numbers_are_checked_against_their_declaration(text: str | None, code: str | None, message: str | None) -> None:
    accepted, rejects = split(frame((UNITS,), units_sold=[text]), field_checks((UNITS,)))

    assert accepted.height == (code is None)
    assert rejects.rows() == ([] if code is None else [(1, "units_sold", code, message, "{}")])
    assert rejects.schema == no_rejects().schema == REJECT_SCHEMA


def test_the_first_check_that_fails_is_the_reject() -> None:
    records = frame((ITEM, UNITS), item_id=[None, "a", "b"], units_sold=["-1", "-1", "1"])

    accepted, rejects = split(records, field_checks((ITEM, UNITS)))

    assert accepted["row_number"].to_list() == [3]
    assert dict(rejects.select("row_number", "code").iter_rows()) == {1: "required", 2: "negative"}


# Characters that Python's Unicode tables know; those of polars are newer.
ASSIGNED = st.characters(exclude_categories=["Cs", "Cn"])
IDS = st.one_of(
    st.text(ASSIGNED, max_size=8),
    st.text(ASSIGNED, min_size=499, max_size=502),
    st.sampled_from([".", "..", "..."]),
)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(IDS, min_size=1, max_size=20))
def test_an_item_id_is_accepted_exactly_when_the_catalog_can_hold_it(texts: list[str]) -> None:
    records = frame((ITEM,), item_id=list(texts))

    accepted, _ = split(records, field_checks((ITEM,)))

    # polars strips the white space of Unicode, Python also the ASCII separators 0x1c to 0x1f, which are refused anyway
    kept = {number for number, text in enumerate(texts, start=1) if _can_be_an_item_id(_stripped(text))}
    assert set(accepted["row_number"]) == kept


def _can_be_an_item_id(text: str) -> bool:
    return 0 < len(text) <= 500 and text.isprintable() and text not in (".", "..")


def _stripped(text: str) -> str:
    return pl.Series([text]).str.strip_chars()[0]


@pytest.mark.parametrize(
    ("day", "accepted"),
    [("2011-10-12", True), ("2011-10-13 23:59", True), ("2011-10-14", False), ("1989-12-31", False), (None, True)],
)
def test_days_end_with_the_business_date(day: str | None, accepted: bool) -> None:
    kept, rejects = split(frame((WHEN,), date_local=[day]), [date_check(WHEN, TODAY)])

    assert kept.height == accepted
    if not accepted:
        assert rejects["message"].to_list() == [
            f"date_local {day} is not between 1990-01-01 and the business date 2011-10-13"
        ]


def test_unknown_locations_and_items_are_orphans() -> None:
    records = frame((ITEM,), item_id=["a", "b"])

    _, by_location = split(records, [location_check(ITEM, ["b", "c"])])
    _, by_item = split(records, [item_check(ITEM, pl.Series(["b"]))])
    _, without_any = split(records, [location_check(ITEM, [])])

    assert by_location["message"].to_list() == ["item_id 'a' is unknown; known locations: b, c"]
    assert by_item["code"].to_list() == ["orphan"]
    assert without_any.height == 2


def test_all_but_the_first_of_a_key_are_duplicates() -> None:
    records = frame((ITEM,), item_id=["a", "a", "b"]).with_columns(first_row=pl.Series([1, 1, 3]))

    _, rejects = split(records, [duplicate_check(["item_id"])])

    assert rejects.select("row_number", "message").rows() == [(2, "row 1 already gives this item_id")]


def test_braces_and_quotes_in_a_value_do_no_harm() -> None:
    _, rejects = split(frame((UNITS,), units_sold=["{0}' {}"]), field_checks((UNITS,)))

    assert rejects["message"][0].startswith("units_sold '{0}' {}' is no number")


texts = st.none() | st.sampled_from(["a", "1", "-1", "2011-10-01", "true", "x" * 501, "\x00"]) | st.text(max_size=5)


@settings(deadline=None)
@given(st.data(), st.integers(min_value=1, max_value=15))
def test_every_record_is_accepted_or_rejected_once(data: st.DataObject, height: int) -> None:
    columns = {
        field.name: data.draw(st.lists(texts, min_size=height, max_size=height), label=field.name)
        for field in DAILY_SALES_FIELDS
    }
    checks = [*field_checks(DAILY_SALES_FIELDS), date_check(WHEN, TODAY), location_check(ITEM, ["a"])]

    accepted, failures = check_records(frame(DAILY_SALES_FIELDS, **columns), checks)
    rejects = first_of_each_record(failures)

    assert sorted([*accepted["row_number"], *rejects["row_number"]]) == list(range(1, height + 1))
    assert failures["message"].null_count() == 0
    assert set(failures["row_number"]) == set(rejects["row_number"])


def rows(*cells: tuple[str | None, str | None]) -> pl.DataFrame:
    return frame((NAME, DAYS), name=[name for name, _ in cells], days=[days for _, days in cells]).with_columns(
        pl.col("row_number") + 1
    )


def test_each_row_has_all_its_rejects_in_the_order_of_the_checks() -> None:
    checks = [length_check(NAME, 3), formula_check(NAME), whole_number_check(DAYS)]
    accepted, rejects = check_records(rows(("=1+1", "1.5"), ("abc", "2"), (None, None), ("-", "2.001")), checks)
    assert accepted["row_number"].to_list() == [3, 4]
    assert rejects_by_row(rejects) == {
        2: [
            Reject(2, "name", "format", "name has 4 characters, at most 3 are allowed"),
            Reject(
                2, "name", "formula", "name '=1+1' begins with a character that makes a spreadsheet run it as a formula"
            ),
            Reject(2, "days", "format", "days '1.5' is no whole number"),
        ],
        5: [
            Reject(
                5, "name", "formula", "name '-' begins with a character that makes a spreadsheet run it as a formula"
            ),
            Reject(5, "days", "format", "days '2.001' is no whole number"),
        ],
    }


def test_no_rows_have_no_rejects() -> None:
    _, rejects = check_records(rows(), [formula_check(NAME), whole_number_check(DAYS)])
    assert rejects_by_row(rejects) == {}


@given(st.lists(st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from([None, "1", "2"])), max_size=12))
def test_all_but_the_first_row_of_a_complete_key_are_duplicates(cells: Sequence[tuple[str | None, str | None]]) -> None:
    records = rows(*cells).with_columns(first_row=first_row(("name", "days")))
    _, rejects = check_records(records, [duplicate_check(("name", "days"))])
    expected = {
        number: cells.index(key) + 2
        for number, key in enumerate(cells, start=2)
        if None not in key and cells.index(key) + 2 != number
    }
    assert {number: of_row[0].message for number, of_row in rejects_by_row(rejects).items()} == {
        number: f"row {first} already gives this name, days" for number, first in expected.items()
    }


def test_the_first_row_may_be_looked_for_among_some_only() -> None:
    records = rows(("a", "1"), ("a", "2"), ("b", "1"), ("a", "2"))
    first = records.select(first_row(("name",), where=pl.col("days") == 2)).to_series()
    assert first.to_list() == [3, 3, None, 3]
