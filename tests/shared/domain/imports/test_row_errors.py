"""All that is wrong with each row, and the first rows of keys."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.imports.record_checks import duplicate_check
from shared.domain.imports.record_fields import Field, FieldType, parse
from shared.domain.imports.row_errors import (
    RowError,
    first_row,
    formula_check,
    length_check,
    row_errors,
    whole_number_check,
)

NAME = Field("name")
DAYS = Field("days", FieldType.DECIMAL, scale=3)


def rows(*cells: tuple[str | None, str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "row_number": range(2, len(cells) + 2),
            "raw_name": pl.Series([name for name, _ in cells], dtype=pl.String),
            "raw_days": pl.Series([days for _, days in cells], dtype=pl.String),
        }
    )
    return parse(frame, (NAME, DAYS), "UTC")


def test_each_row_has_all_its_errors_in_the_order_of_the_checks() -> None:
    checks = [length_check(NAME, 3), formula_check(NAME), whole_number_check(DAYS)]
    found = row_errors(rows(("=1+1", "1.5"), ("abc", "2"), (None, None), ("-", "2.001")), checks)
    assert found == {
        2: [
            RowError("name", "format", "name has 4 characters, at most 3 are allowed"),
            RowError(
                "name", "formula", "name '=1+1' begins with a character that makes a spreadsheet run it as a formula"
            ),
            RowError("days", "format", "days '1.5' is no whole number"),
        ],
        5: [
            RowError(
                "name", "formula", "name '-' begins with a character that makes a spreadsheet run it as a formula"
            ),
            RowError("days", "format", "days '2.001' is no whole number"),
        ],
    }


def test_no_rows_have_no_errors() -> None:
    assert row_errors(rows(), [formula_check(NAME), whole_number_check(DAYS)]) == {}


@given(st.lists(st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from([None, "1", "2"])), max_size=12))
def test_all_but_the_first_row_of_a_key_are_duplicates(cells: Sequence[tuple[str | None, str | None]]) -> None:
    frame = rows(*cells).with_columns(first_row=first_row(("name", "days")))
    found = row_errors(frame, [duplicate_check(("name", "days"))])
    expected = {
        number: cells.index(key) + 2
        for number, key in enumerate(cells, start=2)
        if None not in key and cells.index(key) + 2 != number
    }
    assert {number: one[0].detail for number, one in found.items()} == {
        number: f"row {first} already gives this name, days" for number, first in expected.items()
    }


def test_the_first_row_may_be_looked_for_among_some_only() -> None:
    frame = rows(("a", "1"), ("a", "2"), ("b", "1"), ("a", "2"))
    first = frame.select(first_row(("name",), where=pl.col("days") == 2)).to_series()
    assert first.to_list() == [3, 3, None, 3]
