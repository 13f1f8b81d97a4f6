"""Excel workbooks (.xlsx): the sheet with the records, streamed, once it is known what the archive inflates to."""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from shared.domain.imports.import_errors import (
    DecompressionBomb,
    EmptyFile,
    SheetNotFound,
    UnreadableFile,
    UnusableFile,
)
from shared.imports.readers.excel_parts import refuse_large_parts
from shared.imports.readers.file_reading import FOUND, FileReading, HeaderFit, SourceLayout, no_names
from shared.imports.readers.header import SEARCHED_ROWS, header_place
from shared.imports.readers.record_source import (
    MAX_INFLATED_BYTES,
    MAX_INFLATION,
    BatchBuilder,
    CellKind,
    RecordBatch,
    RecordSource,
    column_names,
)
from shared.imports.readers.workbook import open_workbook

_MAX_ENTRIES = 1000
_SHOWN_SHEETS = 20
_MAX_SHEET_ROWS = 1_048_576  # Excel's own; a row numbered beyond it would be padded with blank rows without end
_SCANNED_BYTES = 1024**2
_SMALL_ENTRY_BYTES = 1024**2  # a small entry may compress as well as it likes
# The text of all cells is held in memory while a workbook is read.
_MAX_TEXT_BYTES = 128 * 1024**2
_TEXT_ENTRY = "sharedstrings.xml"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"

_CELL_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"})

# What openpyxl and the libraries below it raise for a damaged workbook.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    DefusedXmlException,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    NotImplementedError,
)


def open_excel(path: Path, reading: FileReading = FOUND, fit: HeaderFit = no_names) -> RecordSource:
    """Open a workbook; which sheet has the records, and which row names their columns, is found where it is not given.

    Raises UnusableFile.
    """
    _refuse_bomb(path)
    _refuse_large_parts(path)
    formulas = _has_formulas(path)
    sheet = max(_sheets(path, reading, fit), key=lambda sheet: (fit(sheet.header), bool(sheet.header)))
    header = column_names(sheet.header)
    layout = SourceLayout(header_row=sheet.header_row, sheet=sheet.name)

    def batches() -> Iterator[RecordBatch]:
        return _batches(_rows(path, sheet.place, formulas=formulas), header, sheet.header_row)

    return RecordSource(header, batches, layout)


@dataclass(frozen=True)
class _Sheet:
    """A sheet and the row that names its columns."""

    place: int
    name: str
    header_row: int
    header: Sequence[str | None]


def _sheets(path: Path, reading: FileReading, fit: HeaderFit) -> list[_Sheet]:
    """The sheets that may be meant: those that are shown, or the one that the caller names."""
    with path.open("rb") as file:
        try:
            workbook = open_workbook(file, data_only=True)
            names = [sheet.title for sheet in workbook.worksheets]
            shown = [place for place, sheet in enumerate(workbook.worksheets) if sheet.sheet_state == "visible"]
            places = (shown or [0]) if reading.sheet is None else [_place(reading.sheet, names)]
            last = reading.header_row or SEARCHED_ROWS
            return [
                _Sheet(place, names[place], *_header(_beginning(workbook.worksheets[place], last), reading, fit))
                for place in places
            ]
        except _BROKEN as error:
            raise _broken(error) from error


def _place(sheet: str, names: Sequence[str]) -> int:
    """The place of the sheet of this name, or of this number."""
    alike = [place for place, name in enumerate(names) if name.strip().casefold() == sheet.strip().casefold()]
    if alike:
        return alike[0]
    if sheet.strip().isdecimal() and 1 <= int(sheet) <= len(names):
        return int(sheet) - 1
    shown = ", ".join(repr(name) for name in names[:_SHOWN_SHEETS])
    raise SheetNotFound(f"the workbook has no sheet {sheet[:80]!r}; it has {shown}")


def _beginning(sheet: Any, last: int) -> list[list[str | None]]:
    rows = islice(sheet.iter_rows(values_only=True), last)
    return [[_text(cell) for cell in cells] for cells in rows]


def _header(
    rows: Sequence[Sequence[str | None]], reading: FileReading, fit: HeaderFit
) -> tuple[int, Sequence[str | None]]:
    """The number and the cells of the row that names the columns."""
    if reading.header_row is None:
        place = header_place(rows, fit)
    elif reading.header_row <= len(rows):
        place = reading.header_row - 1
    else:
        raise EmptyFile(f"the sheet has no row {reading.header_row} that could name the columns")
    return place + 1, rows[place] if rows else ()


def _refuse_bomb(path: Path) -> None:
    """Look at the archive's directory alone. Its sizes bind: the zip module reads no entry past its stated size."""
    with path.open("rb") as file:
        if file.read(4) == _OLD_EXCEL:
            raise UnreadableFile("the file is an old or encrypted Excel file; save it as .xlsx")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except _BROKEN as error:
        raise _broken(error) from error
    inflated = sum(entry.file_size for entry in entries)
    if len(entries) > _MAX_ENTRIES:
        raise DecompressionBomb(f"the workbook has {len(entries)} parts, at most {_MAX_ENTRIES}")
    if inflated > MAX_INFLATED_BYTES:
        raise DecompressionBomb(
            f"the workbook inflates to {inflated:,} bytes, at most {MAX_INFLATED_BYTES:,} are read: split it",
        )
    for entry in entries:
        text = entry.filename.lower().endswith(_TEXT_ENTRY)
        if entry.file_size > (_MAX_TEXT_BYTES if text else MAX_INFLATED_BYTES):
            raise DecompressionBomb(f"the workbook holds {entry.file_size:,} bytes of cell text")
        if entry.file_size > max(_SMALL_ENTRY_BYTES, entry.compress_size * MAX_INFLATION):
            raise DecompressionBomb(
                f"part {entry.filename[:80]!r} of the workbook inflates {entry.compress_size:,} bytes to "
                f"{entry.file_size:,}, more than {MAX_INFLATION} times",
            )


def _refuse_large_parts(path: Path) -> None:
    try:
        refuse_large_parts(path)
    except _BROKEN as error:
        raise _broken(error) from error


class _NoValue:
    """A formula whose value was not stored, as programs write it that do not calculate."""


_NO_VALUE = _NoValue()


def _rows(path: Path, place: int, *, formulas: bool) -> Generator[tuple[int, Sequence[Any]], None, None]:
    """(row number, cells) of the sheet at this place, blank rows left out."""
    try:
        rows = _sheet(path, place, data_only=True)
        if formulas:
            rows = map(_marked, rows, _sheet(path, place, data_only=False))
        for number, cells in enumerate(rows, start=1):
            if number > _MAX_SHEET_ROWS:
                raise UnreadableFile(f"the sheet has more than {_MAX_SHEET_ROWS:,} rows")
            if any(not (cell is None or (isinstance(cell, str) and not cell.strip())) for cell in cells):
                yield number, cells
    except _BROKEN as error:
        raise _broken(error) from error


def _sheet(path: Path, place: int, *, data_only: bool) -> Iterator[Sequence[Any]]:
    """The rows of a sheet: values, or where a cell has a formula, that formula."""
    with path.open("rb") as file:  # openpyxl leaves a file open that it opened itself and cannot read
        sheet = open_workbook(file, data_only=data_only).worksheets[place]
        yield from sheet.iter_rows(values_only=True)


def _has_formulas(path: Path) -> bool:
    """Whether any sheet has a formula. Only then it is read a second time, for those without a stored value."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [entry for entry in archive.infolist() if entry.filename.startswith("xl/worksheets/")]
            return any(_holds(archive, entry, b"<f") for entry in sheets)
    except _BROKEN as error:
        raise _broken(error) from error


def _holds(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, text: bytes) -> bool:
    end = b""
    with archive.open(entry) as file:
        while block := file.read(_SCANNED_BYTES):
            if text in end + block:
                return True
            end = block[1 - len(text) :]
    return False


def _marked(values: Sequence[Any], written: Sequence[Any]) -> Sequence[Any]:
    """The values of a row, `_NO_VALUE` for each formula that has none."""
    pairs = zip_longest(values, written)
    return tuple(_NO_VALUE if value is None and _is_formula(text) else value for value, text in pairs)


def _is_formula(text: Any) -> bool:
    return text is not None and (not isinstance(text, str) or text.startswith("="))


def _broken(error: Exception) -> UnusableFile:
    what = str(error).strip("'\"")[:200] or type(error).__name__
    return UnreadableFile(f"the file is no readable Excel workbook (.xlsx): {what}")


def _batches(
    rows: Iterator[tuple[int, Sequence[Any]]], header: tuple[str, ...], header_row: int
) -> Iterator[RecordBatch]:
    builder = BatchBuilder(header)
    width = len(header)
    for number, cells in rows:
        if number <= header_row:
            continue
        texts = [_text(cell) for cell in cells]
        while len(texts) > width and texts[-1] is None:
            texts.pop()
        builder.add(number, texts + [None] * (width - len(texts)))
        builder.add_kinds(
            number, {place: kind for place, cell in enumerate(cells[:width]) if (kind := _kind(cell)) is not None}
        )
        if builder.full:
            yield builder.take()
    yield builder.take()


def _kind(cell: Any) -> CellKind | None:
    if isinstance(cell, str):
        return CellKind.ERROR if cell in _CELL_ERRORS else None
    if isinstance(cell, bool):
        return CellKind.FLAG
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return CellKind.DATE
    if isinstance(cell, float) and not cell.is_integer():
        return CellKind.NUMBER
    return CellKind.FORMULA if cell is _NO_VALUE else None


def _text(cell: Any) -> str | None:
    """A cell's value as the text that a CSV export would hold; an error such as #N/A is no value."""
    if cell is _NO_VALUE:
        return None
    if cell is None or isinstance(cell, str):
        return None if cell in _CELL_ERRORS else cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)
