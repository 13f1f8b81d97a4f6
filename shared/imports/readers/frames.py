"""Typed frames (of a Parquet file, of Arrow, of the answer to a query) as batches of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from shared.domain.imports.record_checks import MALFORMED, REJECT_SCHEMA, no_rejects
from shared.imports.readers.record_source import (
    BATCH_TEXT_SIZE,
    MAX_CELL_LENGTH,
    RecordBatch,
    as_records,
    check_text_size,
    long_cell_message,
)

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
    """The frames as batches; `header` names their columns. Records are numbered from 1.

    What a frame holds is weighed before any of it is copied: its texts are views of a dictionary that says each once,
    and only what works on them makes so many copies. A frame of long texts becomes several batches. Raises
    UnusableFile when all of them together hold too much text.
    """
    rows = total = 0
    for frame in frames:
        sizes = frame.select(pl.sum_horizontal(pl.lit(0, pl.Int64), *_sizes(frame.schema)).alias("size"))["size"]
        if len(sizes) != frame.height:  # a frame without a column of texts
            sizes = pl.repeat(0, frame.height, dtype=pl.Int64, eager=True)
        total += int(sizes.sum())
        check_text_size(total)
        for part in _parts(frame, sizes):
            yield _batch(part, header, rows)
            rows += part.height


def _sizes(schema: pl.Schema) -> list[pl.Expr]:
    """The bytes of each cell of the columns that hold texts."""
    return [
        (pl.col(name).str if type_ == pl.String else pl.col(name).cat).len_bytes().cast(pl.Int64)
        for name, type_ in schema.items()
        if type_ in _TEXTS
    ]


def _parts(frame: pl.DataFrame, sizes: pl.Series) -> Iterator[pl.DataFrame]:
    """The frame in slices, none of which holds much more text than a batch may."""
    numbers = sizes.cum_sum() // BATCH_TEXT_SIZE
    start = 0
    for length in numbers.rle().struct.field("len"):
        yield frame.slice(start, length)
        start += length
    if frame.is_empty():
        yield frame


def _batch(frame: pl.DataFrame, header: tuple[str, ...], rows_before: int) -> RecordBatch:
    columns = zip(frame.schema.items(), header, strict=True)
    texts = frame.select(_text(name, type_).alias(column) for (name, type_), column in columns)
    numbers = pl.Series("row_number", range(rows_before + 1, rows_before + frame.height + 1), dtype=pl.Int64)
    lengths = texts.select(pl.all().str.len_chars())
    too_long = lengths.select(too_long=pl.any_horizontal(pl.all().fill_null(0) > MAX_CELL_LENGTH))["too_long"]
    if not too_long.any():
        return RecordBatch(numbers, texts, no_rejects())
    messages = [
        next(long_cell_message(name, length) for name, length in row.items() if (length or 0) > MAX_CELL_LENGTH)
        for row in lengths.filter(too_long).iter_rows(named=True)
    ]
    malformed = pl.DataFrame(
        {
            "row_number": numbers.filter(too_long),
            "field": None,
            "code": MALFORMED,
            "message": pl.Series(messages, dtype=pl.String),
            "record": as_records(texts.filter(too_long)),
        },
        schema_overrides=dict(REJECT_SCHEMA),
    )
    return RecordBatch(numbers.filter(~too_long), texts.filter(~too_long), malformed)


def _text(name: str, type_: pl.DataType) -> pl.Expr:
    """A column as text; a float that is a whole number without its ".0", because item ids are often stored so."""
    column = pl.col(name)
    if not type_.is_float():
        return column.cast(pl.String)
    whole = (column == column.floor()) & (column.abs() < _EXACT_INTEGERS)
    text = pl.when(whole).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
    return pl.when(column.is_not_nan()).then(text)
