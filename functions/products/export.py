"""The product list as a file: CSV, Excel or Parquet.

Made from the rows that the list shows, with the same values and, last, what else an import of products takes: a decimal
has the list's digits in CSV and Parquet; in Excel a number is what a spreadsheet makes of them, a binary float.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from functions.products.schemas import ExportFormat
from functions.products.workbook import check_fits, workbook_slices
from shared.domain.csv_cells import inert_texts, reimported_texts

_SLICE_ROWS = 5_000
_SLICE_BYTES = 64 * 1024


@dataclass(frozen=True)
class ExportFile:
    """A file that is made while it is sent: `slices` gives its content, once."""

    name: str
    media_type: str
    slices: Iterator[bytes]


def export_file(rows: pl.DataFrame, format_: ExportFormat, name: str) -> ExportFile:
    """The rows as a file called `name`. Raises Invalid for more rows than the format holds."""
    kind = _KINDS[format_]
    if format_ == "excel":
        check_fits(rows)
    texts = inert_texts if format_ == "csv" else reimported_texts
    rows = rows.with_columns(texts(pl.col(pl.String)))
    return ExportFile(f"{name}.{kind.extension}", kind.media_type, kind.slices(rows))


def csv_slices(rows: pl.DataFrame) -> Iterator[bytes]:
    """The rows as UTF-8 CSV with a header."""
    for offset in range(0, max(rows.height, 1), _SLICE_ROWS):
        part = rows.slice(offset, _SLICE_ROWS)
        file = io.BytesIO()
        part.write_csv(file, include_header=offset == 0)
        yield file.getvalue()


def parquet_slices(rows: pl.DataFrame) -> Iterator[bytes]:
    """The rows with their exact types: decimals as decimals.

    By way of a nameless temporary file, which is gone with the response, whatever becomes of it.
    """
    with tempfile.TemporaryFile() as file:
        rows.write_parquet(file)
        file.seek(0)
        while part := file.read(_SLICE_BYTES):
            yield part


@dataclass(frozen=True)
class _Kind:
    extension: str
    media_type: str
    slices: Callable[[pl.DataFrame], Iterator[bytes]]


_KINDS: dict[ExportFormat, _Kind] = {
    "csv": _Kind("csv", "text/csv; charset=utf-8", csv_slices),
    "excel": _Kind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook_slices),
    "parquet": _Kind("parquet", "application/vnd.apache.parquet", parquet_slices),
}

MEDIA_TYPES = tuple(kind.media_type for kind in _KINDS.values())
