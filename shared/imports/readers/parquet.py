"""Parquet files, streamed by polars in batches of text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from shared.imports.readers.parquet_pages import declared
from shared.imports.readers.record_source import (
    MAX_INFLATED_BYTES,
    Batch,
    Source,
    UnreadableSource,
    batch_rows,
    column_names,
    count_row,
)

_EXACT_INTEGERS = 2**53  # a binary float holds every integer up to here
_NO_MALFORMED = {"row_number": pl.Int64, "reason": pl.String, "record": pl.String}


def open_parquet(path: Path) -> Source:
    """Open a Parquet file; columns of lists, structs and bytes are left out. Raises UnreadableSource."""
    size = declared(path)
    count_row(size.rows)
    if size.inflated_bytes > MAX_INFLATED_BYTES:
        raise UnreadableSource(
            "decompression_bomb",
            f"the file inflates to {size.inflated_bytes:,} bytes, at most {MAX_INFLATED_BYTES:,} are read: split it",
        )
    try:
        schema = pl.scan_parquet(path).collect_schema()
    except (PolarsError, PanicException, OSError) as error:
        raise _broken(error) from error
    names = [name for name, type_ in schema.items() if not (type_.is_nested() or type_ == pl.Binary)]
    header = column_names(names)
    return Source(header, lambda: _batches(path, schema, names, header))


def _batches(path: Path, schema: pl.Schema, names: list[str], header: tuple[str, ...]) -> Iterator[Batch]:
    texts = [_text(name, schema[name]).alias(column) for name, column in zip(names, header, strict=True)]
    rows = 0
    try:
        scan = pl.scan_parquet(path).select(names)
        for frame in scan.collect_batches(chunk_size=batch_rows(len(names)), maintain_order=True):
            numbers = pl.Series("row_number", range(rows + 1, rows + frame.height + 1), dtype=pl.Int64)
            rows += frame.height
            yield Batch(numbers, frame.select(texts), pl.DataFrame(schema=_NO_MALFORMED))
    except (PolarsError, PanicException, OSError) as error:
        raise _broken(error) from error


def _text(name: str, type_: pl.DataType) -> pl.Expr:
    """A column as text; a float that is a whole number without its ".0", because item ids are often stored so."""
    column = pl.col(name)
    if not type_.is_float():
        return column.cast(pl.String)
    whole = (column == column.floor()) & (column.abs() < _EXACT_INTEGERS)
    text = pl.when(whole).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
    return pl.when(column.is_not_nan()).then(text)


def _broken(error: BaseException) -> UnreadableSource:
    return UnreadableSource("unreadable_file", f"the file is no readable Parquet file: {str(error)[:200]}")
