"""A CSV file that a person uploads, as a table of text: whole, and refused as a whole where it cannot be read."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from shared.domain.errors import FieldError, Invalid, invalid_field
from shared.domain.imports.record_fields import Field, raw_name

MAX_ROWS = 100_000
_SHOWN = 30
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Table:
    """`frame` has a `row_number` and the text of each field (record_fields.raw_name), null where the file has no such
    column. Rows are numbered as a spreadsheet shows them: the header is row 1. `malformed` says of the rows that do
    not fit the header why."""

    frame: pl.DataFrame
    malformed: dict[int, str]

    @property
    def row_count(self) -> int:
        return self.frame.height + len(self.malformed)


def read_table(content: bytes, fields: Sequence[Field]) -> Table:
    """The file's rows; raises Invalid for one that is no CSV in UTF-8 with the columns of these fields."""
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
    except csv.Error as error:
        raise _refused("unreadable_file", f"the header cannot be read: {error}") from error
    _check_header(header, fields)
    numbers: list[int] = []
    rows: list[list[str]] = []
    malformed: dict[int, str] = {}
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:  # such as a quote that is never closed and swallows the following lines
            malformed[number] = f"the row that ends in line {reader.line_num} is no CSV: {error}"
            continue
        if cells is None:
            break
        if not cells:  # a blank line is no row
            continue
        if len(rows) + len(malformed) == MAX_ROWS:
            raise _refused("too_many_rows", f"the file has more than {MAX_ROWS:,} rows: split it")
        if len(cells) == len(header):
            numbers.append(number)
            rows.append(cells)
        else:
            malformed[number] = f"the row has {len(cells)} cells, the header has {len(header)}"
    if not rows and not malformed:
        raise _refused("empty_file", "the file has a header and no rows")
    return Table(_frame(numbers, rows, header, fields), malformed)


def _text(content: bytes) -> str:
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise _refused("wrong_encoding", "byte 1 begins a text in UTF-16: save the file as CSV in UTF-8")
    nul = content.find(b"\0")
    if nul >= 0:
        raise _refused("nul_byte", f"byte {nul + 1} of the file is NUL: this is no text; save it as CSV in UTF-8")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1} of the file (0x{content[error.start]:02X}) is not UTF-8"
        raise _refused("wrong_encoding", f"{found}: save the file as CSV in UTF-8") from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _refused("empty_file", "the file is empty: its first row must name the columns")
    return text


def _check_header(header: Sequence[str], fields: Sequence[Field]) -> None:
    allowed = [field.name for field in fields]
    problems = [
        *(f"column {field.name!r} is missing" for field in fields if field.required and field.name not in header),
        *(f"column {name[:80]!r} is unknown" for name in dict.fromkeys(header) if name not in allowed),
        *(f"column {name!r} is there twice" for name in allowed if header.count(name) > 1),
    ]
    if not problems:
        return
    separator = next((name for mark, name in _OTHER_DELIMITERS.items() if len(header) == 1 and mark in header[0]), None)
    hint = f". The columns seem to be separated by {separator}: separate them with commas" if separator else ""
    found = ", ".join(repr(name[:80]) for name in header[:_SHOWN])
    detail = f"{'; '.join(problems[:_SHOWN])}; the file has {found}; allowed: {', '.join(allowed)}{hint}"
    errors = [FieldError("/rows/1", "wrong_header", problem) for problem in problems[:_SHOWN]]
    raise Invalid("wrong_header", detail, errors)


def _frame(numbers: list[int], rows: list[list[str]], header: Sequence[str], fields: Sequence[Field]) -> pl.DataFrame:
    columns = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {}
    texts = {
        raw_name(field): pl.Series(columns.get(field.name) or [None] * len(rows), dtype=pl.String) for field in fields
    }
    return pl.DataFrame({"row_number": pl.Series(numbers, dtype=pl.Int64)} | texts)


def _refused(code: str, detail: str) -> Invalid:
    return invalid_field("form/file", code, detail)
