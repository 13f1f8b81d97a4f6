"""How a source writes its numbers and dates, found over all of it; what it leaves open is asked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from shared.domain.imports.given_notation import FOUND, GivenNotation
from shared.domain.imports.import_errors import UnusableFile
from shared.domain.imports.questions import refuse_open
from shared.domain.imports.record_checks import check_records, field_checks
from shared.domain.imports.record_fields import DAILY_SALES_FIELDS, PRODUCT_FIELDS, STOCK_FIELDS, Field
from shared.imports.column_mapping import NO_MAPPING
from shared.imports.notation_detection import with_notation
from shared.imports.readers.formats import detect_format, read_here
from shared.imports.record_stream import RecordStream, stream_of

TODAY = dt.date(2011, 10, 13)
STOCK = "item_id,location_id,current_stock\n"


def stream(
    folder: Path, content: str | bytes, fields: tuple[Field, ...], given: GivenNotation = FOUND, suffix: str = "csv"
) -> RecordStream:
    path = folder / f"upload.{suffix}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    source = read_here(path, detect_format(path.name, b""))
    return with_notation(stream_of(source, NO_MAPPING, fields, "UTC"), given, TODAY, folder / "source")


def values(read: RecordStream, field: str) -> list[Any]:
    return read.whole().records[field].to_list()


def test_a_column_is_read_as_another_one_tells(tmp_path: Path) -> None:
    sales = 'item_id,location_id,date,quantity,price\nA,L,12.10.2011,"1.234","1,20"\nB,L,13.10.2011,7,"2,50"\n'
    read = stream(tmp_path, sales, DAILY_SALES_FIELDS)
    assert values(read, "units_sold") == [1234, 7]
    assert values(read, "price") == [Decimal("1.2"), Decimal("2.5")]
    assert values(read, "date_local") == [dt.datetime(2011, 10, 12), dt.datetime(2011, 10, 13)]
    assert (read.notation.questions, read.notation.decimal_mark, read.notation.date_order) == ((), ",", "DMY")


def test_an_ambiguous_column_is_asked_about(tmp_path: Path) -> None:
    content = f'{STOCK}A,L,"10,000"\nB,L,"-3,000"\nC,L,7\n'
    read = stream(tmp_path, content, STOCK_FIELDS)
    (question,) = read.notation.questions
    assert (question.code, question.column, question.form_field) == (
        "ambiguous_numbers",
        "current_stock",
        "decimal_mark",
    )
    assert (question.examples, question.choices, question.suggestion) == (("10,000", "-3,000"), (".", ","), None)
    assert "10,000, -3,000 may be 10000, -3000 ('.' is decimal) or 10.000, -3.000 (',' is decimal)" in question.detail
    with pytest.raises(UnusableFile) as refused:
        refuse_open(read.notation.questions)
    assert refused.value.code == "ambiguous_numbers"


@pytest.mark.parametrize(("mark", "expected"), [(".", [10000, -3000, 7]), (",", [10, -3, 7])])
def test_an_answer_is_taken(tmp_path: Path, mark: Any, expected: list[int]) -> None:
    read = stream(tmp_path, f'{STOCK}A,L,"10,000"\nB,L,"-3,000"\nC,L,7\n', STOCK_FIELDS, GivenNotation(mark))
    assert values(read, "current_stock") == expected
    assert read.notation.questions == ()


@pytest.mark.parametrize(("order", "day"), [("DMY", dt.datetime(2011, 10, 11)), ("MDY", dt.datetime(2011, 11, 10))])
def test_ambiguous_dates_are_asked_about(tmp_path: Path, order: Any, day: dt.datetime) -> None:
    sales = "item_id,location_id,date,quantity\nA,L,11/10/2011,1\nA,L,10/10/2011,1\n"
    (question,) = stream(tmp_path, sales, DAILY_SALES_FIELDS).notation.questions
    assert (question.code, question.choices) == ("ambiguous_dates", ("DMY", "MDY"))
    assert "11/10/2011 may be 2011-10-11 (DMY) or 2011-11-10 (MDY)" in question.detail
    (tmp_path / "again").mkdir()
    read = stream(tmp_path / "again", sales, DAILY_SALES_FIELDS, GivenNotation(date_order=order))
    assert values(read, "date_local") == [day, dt.datetime(2011, 10, 10)]


def test_what_surrounds_a_question_suggests_an_answer(tmp_path: Path) -> None:
    (question,) = stream(tmp_path, "Artikel;Lager;Bestand\nA;L;10,000\n", STOCK_FIELDS).notation.questions
    assert question.suggestion == ","


def test_numbers_of_a_sheet_need_no_mark_whatever_the_texts_beside_them_have(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["item_id", "unit_cost", "unit_price"],
        ["A", 1.234, "1,50"],
        ["B", "0,75", 2.125],
        ["C", "1.234,5", 3],
    ):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    read = stream(tmp_path, (tmp_path / "book.xlsx").read_bytes(), PRODUCT_FIELDS, suffix="xlsx")
    assert values(read, "unit_cost") == [Decimal("1.234"), Decimal("0.75"), Decimal("1234.5")]
    assert values(read, "unit_price") == [Decimal("1.5"), Decimal("2.125"), Decimal(3)]
    assert read.notation.decimal_mark == ","


def test_typed_columns_are_not_looked_through(tmp_path: Path) -> None:
    pl.DataFrame({"item_id": ["A"], "location_id": ["L"], "current_stock": [1.234]}).write_parquet(tmp_path / "p")
    read = stream(tmp_path, (tmp_path / "p").read_bytes(), STOCK_FIELDS, suffix="parquet")
    assert values(read, "current_stock") == [Decimal("1.234")]
    assert not (tmp_path / "source").exists()


def test_a_spooled_source_is_the_same_source(tmp_path: Path) -> None:
    content = STOCK + "\n".join(f"A{number},L,{number}" for number in range(60_000)) + "\nX,L\n"
    read = stream(tmp_path, content, STOCK_FIELDS)
    (tmp_path / "upload.csv").unlink()
    sizes = [batch.size for batch in read.batches()]
    assert (sum(sizes), len(sizes)) == (60_001, 2)
    whole = read.whole()
    assert whole.records["row_number"].to_list() == list(range(2, 60_002))
    assert whole.malformed["row_number"].to_list() == [60_002]


def test_a_report_total_is_no_record(tmp_path: Path) -> None:
    content = f"{STOCK}A,L,2\nTotal,L,3\nB,L,4\n,,9\n,Summe:,9\nC,L,1\n,,10\n,,11\n"
    records = stream(tmp_path, content, STOCK_FIELDS).whole().records
    # a row that names a place is no total, whatever its item is called; `,,11` is the sum of nothing
    assert records.filter("is_total")["row_number"].to_list() == [5, 6, 8]


def test_a_cost_that_rounding_would_change_is_refused_in_any_notation(tmp_path: Path) -> None:
    products = "item_id;unit_cost\nA;1.234,5\nB;0,00004\nC;0,0042\n"
    read = stream(tmp_path, products, PRODUCT_FIELDS)
    _, rejects = check_records(read.whole().records, field_checks(PRODUCT_FIELDS))
    assert rejects.select("row_number", "code").rows() == [(3, "precision")]
