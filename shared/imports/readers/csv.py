"""CSV files, read by the standard library: slower than polars' reader, but a ragged row is one reject, not the end.

How much of a file's disorder is taken is up to `CsvRules`: `TOLERANT` is for what systems export, csv_template.py for
what a person fills in.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from shared.domain.imports.import_errors import UnreadableFile
from shared.imports.readers.csv_dialect import CsvDialect, detect_dialect
from shared.imports.readers.csv_records import csv_rows, fits
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

    `encoding` names the encoding of a file, `dialect` how it separates cells, from its lines; `name_columns` its
    columns, from the cells of its first row. With `literal_quotes` a line that quotes wrongly is read with its quotes
    as they are, otherwise it is malformed.
    """

    encoding: Callable[[Open], str]
    dialect: Callable[[Iterable[str]], CsvDialect]
    name_columns: Callable[[Sequence[str]], tuple[str, ...]]
    literal_quotes: bool
    max_rows: int


def open_csv(path: Path) -> RecordSource:
    """A file of separated values with a header row, in one of the usual encodings; raises UnusableFile."""
    return csv_source(lambda: path.open("rb"), TOLERANT)


def csv_source(open_file: Open, rules: CsvRules) -> RecordSource:
    """A file as a source of records; `open_file` is called for each pass over it. Raises UnusableFile."""
    encoding = rules.encoding(open_file)
    with io.TextIOWrapper(open_file(), encoding=encoding, newline="") as lines:
        dialect = rules.dialect(lines)
    file = _CsvFile(open_file, encoding, dialect, rules)
    header = rules.name_columns(file.header())
    return RecordSource(header, lambda: file.batches(header), encoding)


@dataclass(frozen=True)
class _CsvFile:
    open_file: Open
    encoding: str
    dialect: CsvDialect
    rules: CsvRules

    def header(self) -> Sequence[str]:
        """The cells of the first row that is not blank, without blank ones at the end."""
        with self._lines() as lines:
            try:
                cells = next(csv.reader(lines, delimiter=self.dialect.delimiter, strict=True), [])
            except csv.Error as error:
                raise UnreadableFile(f"the header cannot be read: {error}") from error
        while cells and not cells[-1].strip():
            cells.pop()
        return cells

    def batches(self, header: tuple[str, ...]) -> Iterator[RecordBatch]:
        builder = BatchBuilder(header)
        rows = 0
        with self._lines() as lines:
            found = csv_rows(lines, self.dialect.delimiter, len(header), literal_quotes=self.rules.literal_quotes)
            for number, row in enumerate(found, start=1):
                if number == 1 or row.is_blank:
                    continue
                rows += 1
                check_row_count(rows, self.rules.max_rows)
                cells = row.cells
                if row.problem is not None:
                    builder.add_malformed(number, row.problem, cells)
                elif len(cells) > len(header) and fits(cells, len(header)):
                    builder.add(number, cells[: len(header)])
                else:
                    builder.add(number, cells)
                if builder.full:
                    yield builder.take()
        yield builder.take()

    @contextmanager
    def _lines(self) -> Iterator[Iterator[str]]:
        """The lines from the header on."""
        with io.TextIOWrapper(self.open_file(), encoding=self.encoding, newline="") as lines:
            yield islice(lines, self.dialect.skipped_lines, None)


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


TOLERANT = CsvRules(
    encoding=_usual_encoding,
    dialect=detect_dialect,
    name_columns=column_names,
    literal_quotes=True,
    max_rows=MAX_ROWS,
)
