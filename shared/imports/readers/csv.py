"""CSV files, read by the standard library: slower than polars' reader, but a ragged row is one reject, not the end.

How much of a file's disorder is taken is up to `CsvRules`: `TOLERANT` is for what systems export, csv_template.py for
what a person fills in.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from shared.domain.imports.import_errors import UnreadableFile
from shared.imports.readers.record_source import (
    MAX_ROWS,
    BatchBuilder,
    RecordBatch,
    RecordSource,
    check_row_count,
    column_names,
)

_BLOCK_BYTES = 1024 * 1024
# Excel saves "Unicode text" as UTF-16 with a byte order mark, and "CSV" in the Windows code page of western Europe.
_ENCODINGS = ("utf-8-sig", "cp1252")

Open = Callable[[], BinaryIO]


@dataclass(frozen=True)
class CsvRules:
    """What is taken for a CSV file; `encoding` and `name_columns` raise UnusableFile for what is not.

    `encoding` names the encoding of a file, `name_columns` its columns from the cells of its first row. With `strict`
    a row that quotes wrongly is malformed, otherwise it is read as well as it can be.
    """

    encoding: Callable[[Open], str]
    name_columns: Callable[[Sequence[str]], tuple[str, ...]]
    strict: bool
    max_rows: int


def open_csv(path: Path) -> RecordSource:
    """A comma-separated file with a header row, in one of the usual encodings; raises UnusableFile."""
    return csv_source(lambda: path.open("rb"), TOLERANT)


def csv_source(open_file: Open, rules: CsvRules) -> RecordSource:
    """A file as a source of records; `open_file` is called for each pass over it. Raises UnusableFile."""
    encoding = rules.encoding(open_file)
    with io.TextIOWrapper(open_file(), encoding=encoding, newline="") as lines:
        try:
            cells = next(csv.reader(lines, strict=rules.strict), [])
        except csv.Error as error:
            raise UnreadableFile(f"the header cannot be read: {error}") from error
    header = rules.name_columns(cells)
    return RecordSource(header, lambda: _batches(open_file, encoding, header, rules), encoding)


def _batches(open_file: Open, encoding: str, header: tuple[str, ...], rules: CsvRules) -> Iterator[RecordBatch]:
    builder = BatchBuilder(header)
    with io.TextIOWrapper(open_file(), encoding=encoding, newline="") as lines:
        reader = csv.reader(lines, strict=rules.strict)
        next(reader)
        number, rows = 1, 0
        while True:
            number += 1
            try:
                cells = next(reader, None)
            except csv.Error as error:  # such as an unclosed quote that swallows the following lines; it reads on
                rows += 1
                builder.add_malformed(number, f"the row that ends in line {reader.line_num} is no CSV: {error}", [])
                continue
            if cells is None:
                break
            if not cells:  # a blank line is no record
                continue
            rows += 1
            check_row_count(rows, rules.max_rows)
            builder.add(number, cells)
            if builder.full:
                yield builder.take()
    yield builder.take()


def _usual_encoding(open_file: Open) -> str:
    """The first encoding in which the whole file is text; raises UnusableFile when there is none."""
    with open_file() as file:
        utf_16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    candidates = ("utf-16",) if utf_16 else _ENCODINGS
    for encoding in candidates:
        if _decodes(open_file, encoding):
            return encoding
    raise UnreadableFile(f"the file is no text in {' or '.join(candidates)}; save it as CSV in UTF-8")


def _decodes(open_file: Open, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with open_file() as file:
            while block := file.read(_BLOCK_BYTES):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


TOLERANT = CsvRules(encoding=_usual_encoding, name_columns=column_names, strict=False, max_rows=MAX_ROWS)
