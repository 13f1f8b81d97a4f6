"""The Excel workbook: what is put in comes out, as text, number, truth or date, whatever it looks like."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.products.workbook import MAX_ROWS, check_fits, workbook_slices
from shared.domain.errors import Invalid
from tests.support.workbooks import sheet_rows

SCHEMA = {
    "text": pl.String(),
    "money": pl.Decimal(18, 2),
    "ratio": pl.Float64(),
    "days": pl.Int64(),
    "flag": pl.Boolean(),
    "day": pl.Date(),
}
MARKUP = st.text("&<>\"'=+-@_xX0041 \t\n\r\x00\x07\x1f\ufffe\uffffé日😀", max_size=12)
ROWS = st.fixed_dictionaries(
    {
        "text": st.none()
        | st.text(max_size=20)
        | MARKUP
        | st.sampled_from(["=1+1", "12", "TRUE", "_x0041_", "http://a"]),
        "money": st.none() | st.decimals("-10000000000", "10000000000", places=2),
        "ratio": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "days": st.integers(-(2**53), 2**53),  # a row has one cell at least
        "flag": st.none() | st.booleans(),
        "day": st.none() | st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 31)),
    }
)


def workbook(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(workbook_slices(pl.DataFrame(rows, schema=SCHEMA)))


def expected(row: dict[str, Any]) -> dict[str, Any]:
    """A cell cannot tell an empty text from none."""
    return {
        "text": row["text"] or None,
        "money": None if row["money"] is None else float(row["money"]),
        "ratio": row["ratio"],
        "days": row["days"],
        "flag": row["flag"],
        "day": None if row["day"] is None else row["day"].isoformat(),
    }


@pytest.mark.slow
@given(st.lists(ROWS, max_size=6))
def test_what_goes_in_comes_out(rows: list[dict[str, Any]]) -> None:
    found = [{**row, "text": row["text"] or None} for row in sheet_rows(workbook(rows))]
    assert found == [expected(row) for row in rows]
    for row in found:
        assert type(row["flag"]) in (bool, type(None))
        assert type(row["text"]) in (str, type(None))
        assert type(row["days"]) in (int, float)


def test_numbers_are_shown_with_the_digits_of_their_column() -> None:
    content = workbook([{"text": "a", "money": Decimal("12.50"), "day": dt.date(2024, 6, 3)}])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    formats = {name: cell.number_format for name, cell in zip(SCHEMA, sheet[2], strict=True)}
    assert (formats["money"], formats["day"], formats["text"]) == ("0.00", "yyyy-mm-dd", "@")
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold


@pytest.mark.parametrize("count", [0, 1, 1999, 2000, 2001, 4001])
def test_every_slice_is_in_it_once(count: int) -> None:
    content = b"".join(workbook_slices(pl.DataFrame({"days": range(count)}, schema={"days": pl.Int64()})))
    assert [row["days"] for row in sheet_rows(content)] == list(range(count))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert f'<dimension ref="A1:A{count + 1}"/>'.encode() in archive.read("xl/worksheets/sheet1.xml")


def test_more_than_a_sheet_holds_is_refused() -> None:
    check_fits(pl.DataFrame({"days": range(MAX_ROWS)}))
    with pytest.raises(Invalid, match="1,048,575 products, these are 1,048,576") as refused:
        check_fits(pl.DataFrame({"days": range(MAX_ROWS + 1)}))
    assert refused.value.code == "too_many_rows"
