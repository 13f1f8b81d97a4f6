"""Excel workbooks: read by value, refused when broken or built to exhaust memory."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import iterparse

import openpyxl
import pytest

from shared.domain.imports.import_errors import UnusableFile
from shared.imports.readers.excel import open_excel


def workbook(folder: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = folder / "upload.xlsx"
    book.save(path)
    return path


def test_values_become_the_text_of_a_csv_export(tmp_path: Path) -> None:
    day, time = dt.date(2011, 10, 12), dt.datetime(2011, 10, 12, 17, 19)
    path = workbook(
        tmp_path,
        ["item", "units", "day", "flag"],
        [85123, 2.5, day, True],
        ["85123A", 3.0, time, False],
        [None, None, None, None],
        ["#N/A", "#NAPKINS", None, None],
    )

    (batch,) = open_excel(path).batches()

    assert batch.columns.rows() == [
        ("85123", "2.5", "2011-10-12T00:00:00", "true"),
        ("85123A", "3", "2011-10-12T17:19:00", "false"),
        (None, "#NAPKINS", None, None),
    ]
    assert batch.row_number.to_list() == [2, 3, 5]


def test_short_rows_are_filled_and_long_ones_malformed(tmp_path: Path) -> None:
    (batch,) = open_excel(workbook(tmp_path, ["a", "b"], [1], [1, 2, 3], [4, 5])).batches()

    assert batch.columns.rows() == [("1", None), ("4", "5")]
    assert batch.malformed.select("row_number", "message").rows() == [(3, "the row has 3 cells, the header has 2")]


def test_a_sheet_that_does_not_say_its_size_is_gone_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path, ["item", "units"], *([f"item {row}", row] for row in range(5000)))
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as archive:
        _replace(path, sheet, re.sub(b"<dimension [^>]*>", b"", archive.read(sheet)))
    elements = 0

    def counted(*args: Any) -> Any:
        nonlocal elements
        for event in iterparse(*args):
            elements += 1
            yield event

    monkeypatch.setattr("openpyxl.worksheet._reader.iterparse", counted)
    source = open_excel(path)
    assert elements < 200  # as far as the header may lie
    assert sum(batch.size for batch in source.batches()) == 5000
    assert elements < 7 * 5000  # a row, two cells and what is in them


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile) as refused:
        open_excel(workbook(tmp_path))
    assert refused.value.code == "empty_file"


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _not_a_zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 nothing of the kind")


def _zip_of_something_else(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")


def _damaged_sheet(path: Path) -> None:
    _replace(path, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='1'><c r='A1'><v>1</")


def _entity_bomb(path: Path) -> None:
    bomb = (
        b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>"""
    )
    _replace(path, "xl/worksheets/sheet1.xml", bomb)


def _replace(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, old in entries.items():
            archive.writestr(entry, content if entry == name else old)


@pytest.mark.parametrize(
    "damage",
    [_truncated, _not_a_zip, _zip_of_something_else, _damaged_sheet, _entity_bomb],
    ids=lambda damage: damage.__name__,
)
def test_a_broken_workbook_is_refused(tmp_path: Path, damage: Any) -> None:
    path = workbook(tmp_path, ["a"], [1])
    damage(path)

    with pytest.raises(UnusableFile, match="no readable Excel workbook") as refused:
        list(open_excel(path).batches())
    assert refused.value.code == "unreadable_file"


def test_an_old_excel_file_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "old.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)

    with pytest.raises(UnusableFile, match=r"save it as \.xlsx"):
        open_excel(path)


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["a"], [1])
    _replace(path, "xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * 50_000_000)
    assert path.stat().st_size < 100_000

    with pytest.raises(UnusableFile, match="more than 200 times") as refused:
        open_excel(path)
    assert refused.value.code == "decompression_bomb"


def test_many_parts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1001):
            archive.writestr(f"part{number}", b"")

    with pytest.raises(UnusableFile, match="1001 parts") as refused:
        open_excel(path)
    assert refused.value.code == "decompression_bomb"


def test_a_row_numbered_beyond_excels_limit_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["a"], [1])
    rows = b"<row r='1'><c r='A1'><v>1</v></c></row><row r='99999999999'><c><v>2</v></c></row>"
    namespace = b"xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"
    _replace(
        path,
        "xl/worksheets/sheet1.xml",
        b"<worksheet " + namespace + b"><sheetData>" + rows + b"</sheetData></worksheet>",
    )

    with pytest.raises(UnusableFile, match="more than 1,048,576 rows"):
        list(open_excel(path).batches())
