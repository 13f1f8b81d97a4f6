"""Typed frames (of a Parquet file, of Arrow, of the answer to a query) as batches of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from shared.domain.imports.record_checks import no_rejects
from shared.imports.readers.record_source import RecordBatch

_TEXTS = (pl.String, pl.Categorical, pl.Enum)
_EXACT_INTEGERS = 2**53  # a binary float holds every integer up to here


def readable_columns(schema: pl.Schema) -> list[str]:
    """The columns that have a text; lists, structs and bytes have none."""
    return [name for name, type_ in schema.items() if not (type_.is_nested() or type_ == pl.Binary)]


def typed_columns(schema: pl.Schema, header: tuple[str, ...]) -> frozenset[str]:
    """Of the readable columns, which `header` names, those that are no texts."""
    names = zip(readable_columns(schema), header, strict=True)
    return frozenset(column for name, column in names if schema[name] not in _TEXTS)


def text_batches(frames: Iterable[pl.DataFrame], header: tuple[str, ...]) -> Iterator[RecordBatch]:
    """A batch per frame; `header` names the frames' columns. Records are numbered from 1."""
    rows = 0
    for frame in frames:
        columns = zip(frame.schema.items(), header, strict=True)
        texts = [_text(name, type_).alias(column) for (name, type_), column in columns]
        numbers = pl.Series("row_number", range(rows + 1, rows + frame.height + 1), dtype=pl.Int64)
        rows += frame.height
        yield RecordBatch(numbers, frame.select(texts), no_rejects())


def _text(name: str, type_: pl.DataType) -> pl.Expr:
    """A column as text; a float that is a whole number without its ".0", because item ids are often stored so."""
    column = pl.col(name)
    if not type_.is_float():
        return column.cast(pl.String)
    whole = (column == column.floor()) & (column.abs() < _EXACT_INTEGERS)
    text = pl.when(whole).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
    return pl.when(column.is_not_nan()).then(text)
