"""CSV files, read by the standard library: slower than polars' reader, but a ragged row is one reject, not the end."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from shared.domain.imports.import_errors import TooMuchText, UnreadableFile
from shared.imports.readers.csv_dialect import CsvDialect, detect_dialect
from shared.imports.readers.csv_records import csv_rows, fits
from shared.imports.readers.encoding import (
    MAX_LINE_LENGTH,
    Open,
    TextEncoding,
    detect_encoding,
    given_encoding,
    is_damaged,
)
from shared.imports.readers.file_reading import FOUND, FileReading, HeaderFit, SourceLayout, no_names
from shared.imports.readers.record_source import (
    MAX_ROWS,
    BatchBuilder,
    RecordBatch,
    RecordSource,
    check_row_count,
    column_names,
)


def open_csv(
    open_file: Open, reading: FileReading = FOUND, fit: HeaderFit = no_names, max_rows: int = MAX_ROWS
) -> RecordSource:
    """A file of separated values with a header row; encoding, separator and header are found where they are not given.

    `open_file` is called for each pass over it. Raises UnusableFile.
    """
    encoding = detect_encoding(open_file) if reading.encoding is None else given_encoding(open_file, reading.encoding)
    with _text(open_file, encoding) as text:
        dialect = detect_dialect(_lines_of(text), fit, reading.delimiter, reading.header_row)
    file = _CsvFile(open_file, encoding, dialect, max_rows)
    header = column_names(file.header())
    layout = SourceLayout(encoding.name, dialect.delimiter, dialect.header_row)
    return RecordSource(header, lambda: file.batches(header), layout)


@dataclass(frozen=True)
class _CsvFile:
    open_file: Open
    encoding: TextEncoding
    dialect: CsvDialect
    max_rows: int

    def header(self) -> Sequence[str]:
        """The cells of the header, without blank ones at the end."""
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
            found = csv_rows(lines, self.dialect.delimiter, len(header))
            for number, row in enumerate(found, start=self.dialect.header_row):
                if number == self.dialect.header_row or row.is_blank:
                    continue
                rows += 1
                check_row_count(rows, self.max_rows)
                cells = row.cells
                if self.encoding.damaged and is_damaged("".join(cells)):
                    builder.add_malformed(number, f"bytes of the row are no {self.encoding.name}", _readable(cells))
                elif row.problem is not None:
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
        with _text(self.open_file, self.encoding) as text:
            yield islice(_lines_of(text), self.dialect.skipped_lines, None)


def _text(open_file: Open, encoding: TextEncoding) -> io.TextIOWrapper:
    return io.TextIOWrapper(open_file(), encoding=encoding.name, errors=encoding.errors, newline="")


def _lines_of(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines, none of which is so long that its cells fill the memory."""
    for line in iter(lambda: text.readline(MAX_LINE_LENGTH + 1), ""):
        if len(line) > MAX_LINE_LENGTH:
            raise TooMuchText(f"the file has a line of more than {MAX_LINE_LENGTH:,} characters, the most that is read")
        yield line


def _readable(cells: Sequence[str]) -> list[str]:
    """The cells with a sign in place of what is no text."""
    return [cell.encode(errors="surrogateescape").decode(errors="replace") for cell in cells]
