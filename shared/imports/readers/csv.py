"""CSV files, read by the standard library: slower than polars' reader, but a ragged row is one reject, not the end."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from shared.imports.readers.record_source import Batch, BatchBuilder, Source, UnreadableSource, column_names, count_row

_BLOCK_BYTES = 1024 * 1024
# Excel saves "Unicode text" as UTF-16 with a byte order mark, and "CSV" in the Windows code page of western Europe.
_ENCODINGS = ("utf-8-sig", "cp1252")


def open_csv(path: Path) -> Source:
    """Open a comma-separated file with a header row; raises UnreadableSource."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as lines:
        try:
            header = column_names(next(csv.reader(lines), []))
        except csv.Error as error:
            raise UnreadableSource("unreadable_file", f"the header of the CSV file cannot be read: {error}") from error
    return Source(header, lambda: _batches(path, encoding, header), encoding)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            candidates: tuple[str, ...] = ("utf-16",)
        else:
            candidates = _ENCODINGS
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise UnreadableSource(
        "unreadable_file", f"the file is no text in {' or '.join(candidates)}; save it as CSV in UTF-8"
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _batches(path: Path, encoding: str, header: tuple[str, ...]) -> Iterator[Batch]:
    builder = BatchBuilder(header)
    with path.open(encoding=encoding, newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        number = 1
        while True:
            number += 1
            try:
                cells = next(reader, None)
            except csv.Error as error:  # such as an unclosed quote that swallows the following lines; it reads on
                builder.add_malformed(number, f"the row that ends in line {reader.line_num} is no CSV: {error}", [])
                continue
            if cells is None:
                break
            if not cells:  # a blank line is no record
                continue
            count_row(number)
            builder.add(number, cells)
            if builder.full:
                yield builder.take()
    yield builder.take()
