"""Parquet files, streamed by polars in batches of text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from shared.domain.imports.import_errors import DecompressionBomb, UnreadableFile, UnusableFile
from shared.imports.readers.frames import readable_columns, text_batches, typed_columns
from shared.imports.readers.parquet_pages import declared
from shared.imports.readers.record_source import (
    MAX_INFLATED_BYTES,
    RecordBatch,
    RecordSource,
    batch_rows,
    check_row_count,
    column_names,
)


def open_parquet(path: Path) -> RecordSource:
    """Open a Parquet file; columns of lists, structs and bytes are left out. Raises UnusableFile."""
    size = declared(path)
    check_row_count(size.rows)
    if size.inflated_bytes > MAX_INFLATED_BYTES:
        raise DecompressionBomb(
            f"the file inflates to {size.inflated_bytes:,} bytes, at most {MAX_INFLATED_BYTES:,} are read: split it",
        )
    try:
        schema = pl.scan_parquet(path).collect_schema()
    except (PolarsError, PanicException, OSError) as error:
        raise _broken(error) from error
    names = readable_columns(schema)
    header = column_names(names)
    typed = typed_columns(schema, header)
    return RecordSource(header, lambda: _batches(path, names, header), typed=typed)


def _batches(path: Path, names: list[str], header: tuple[str, ...]) -> Iterator[RecordBatch]:
    try:
        scan = pl.scan_parquet(path).select(names)
        frames = scan.collect_batches(chunk_size=batch_rows(len(names)), maintain_order=True)
        yield from text_batches(frames, header)
    except (PolarsError, PanicException, OSError) as error:
        raise _broken(error) from error


def _broken(error: BaseException) -> UnusableFile:
    return UnreadableFile(f"the file is no readable Parquet file: {str(error)[:200]}")
