"""A source on disk: what is read twice is parsed once, and a query is asked once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from shared.imports.readers.record_source import RecordBatch, RecordSource

_PARTS = ("row_number", "columns", "malformed", "cells")


def spooled(source: RecordSource, folder: Path, look: Callable[[RecordBatch], object]) -> RecordSource:
    """The source, read once from where it comes and from `folder` afterwards; `look` is shown each batch of the first
    reading. Raises UnusableFile."""
    folder.mkdir(parents=True)
    count = sum(1 for _ in write_batches(_shown(source, look), folder))
    return replace(source, batches=lambda: read_batches(folder, count, source.header), on_disk=True)


def write_batches(batches: Iterable[RecordBatch], folder: Path) -> Iterator[int]:
    """Write the batches, one after the other; after each, how many bytes lie in the folder."""
    written = 0
    for number, batch in enumerate(batches):
        written += _write(batch, folder / f"{number:06}")
        yield written


def read_batches(folder: Path, count: int, header: tuple[str, ...]) -> Iterator[RecordBatch]:
    """So many batches, as they were written."""
    for number in range(count):
        row_number, columns, malformed, cells = (pl.read_ipc(folder / f"{number:06}.{part}") for part in _PARTS)
        columns.columns = list(header)
        yield RecordBatch(row_number.to_series(), columns, malformed, cells)


def _shown(source: RecordSource, look: Callable[[RecordBatch], object]) -> Iterator[RecordBatch]:
    for batch in source.batches():
        look(batch)
        yield batch


def _write(batch: RecordBatch, name: Path) -> int:
    # Columns by their place: a source may call them anything.
    columns = batch.columns.rename({column: str(place) for place, column in enumerate(batch.columns.columns)})
    frames = (batch.row_number.to_frame(), columns, batch.malformed, batch.cells)
    written = 0
    for part, frame in zip(_PARTS, frames, strict=True):
        path = name.with_suffix(f".{part}")
        frame.write_ipc(path, compression="lz4")
        written += path.stat().st_size
    return written
