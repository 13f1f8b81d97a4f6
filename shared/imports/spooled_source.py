"""A source on disk: what is read twice is parsed once, and a query is asked once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from shared.imports.readers.record_source import RecordBatch, RecordSource

_PARTS = ("row_number", "columns", "malformed", "cells")


def spooled(source: RecordSource, folder: Path, look: Callable[[RecordBatch], object]) -> RecordSource:
    """The source, read once from where it comes and from `folder` afterwards; `look` is shown each batch of the first
    reading. Raises UnusableFile."""
    folder.mkdir(parents=True)
    count = 0
    for batch in source.batches():
        look(batch)
        _write(batch, folder / f"{count:06}")
        count += 1
    return replace(source, batches=lambda: _read(folder, count, source.header))


def _write(batch: RecordBatch, name: Path) -> None:
    # Columns by their place: a source may call them anything.
    columns = batch.columns.rename({column: str(place) for place, column in enumerate(batch.columns.columns)})
    frames = (batch.row_number.to_frame(), columns, batch.malformed, batch.cells)
    for part, frame in zip(_PARTS, frames, strict=True):
        frame.write_ipc(name.with_suffix(f".{part}"), compression="lz4")


def _read(folder: Path, count: int, header: tuple[str, ...]) -> Iterator[RecordBatch]:
    for number in range(count):
        row_number, columns, malformed, cells = (pl.read_ipc(folder / f"{number:06}.{part}") for part in _PARTS)
        columns.columns = list(header)
        yield RecordBatch(row_number.to_series(), columns, malformed, cells)
