"""Values of a database as text, each type in one form: what reads a file's cells then reads these."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

_EXACT_INTEGERS = 2**53  # a binary float holds every integer up to here
_LOCAL_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?$"


def frame_of(rows: Sequence[Sequence[Any]], names: Sequence[str], instants: frozenset[str]) -> pl.DataFrame:
    """Rows as columns of text. In `instants` a time without an offset is in UTC."""
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pl.DataFrame(
        {
            name: pl.Series(_texts(values, in_utc=name in instants), dtype=pl.String)
            for name, values in zip(names, columns, strict=True)
        }
    )


def _texts(values: Sequence[Any], *, in_utc: bool) -> list[str | None]:
    return [value if value is None or type(value) is str else _text(value, in_utc=in_utc) for value in values]


def _text(value: Any, *, in_utc: bool) -> str | None:
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            return value.isoformat(" ") + ("Z" if in_utc else "")
        return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ") + "Z"
    for type_, write in _WRITERS:
        if isinstance(value, type_):
            return write(value)
    return str(value)


def _number(value: float) -> str | None:
    """As few digits as tell it from every other float; none for what is no number."""
    if value != value:
        return None
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT_INTEGERS else format(Decimal(repr(value)), "f")


def _bytes(value: bytes) -> str:
    return value.decode(errors="replace")


_WRITERS: tuple[tuple[Any, Callable[[Any], str | None]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (Decimal, lambda value: None if value.is_nan() else format(value, "f")),
    (float, _number),
    ((dt.date, dt.time), lambda value: str(value.isoformat())),
    ((bytes, bytearray, memoryview), lambda value: _bytes(bytes(value))),
    ((list, tuple, dict), lambda value: json.dumps(value, default=str, ensure_ascii=False)),
)


def with_offset(column: str, time_zone: str) -> pl.Expr:
    """The text of a column whose times without an offset are in `time_zone`, with them in UTC and saying so.

    Text of another kind stays: a date alone is a day, whatever the zone. So does a time that a change of clocks skips;
    of one that is there twice the first is meant.
    """
    text = pl.col(column)
    local = pl.when(text.str.contains(_LOCAL_TIME)).then(text.str.replace("T", " ", literal=True))
    seconds = local.str.slice(0, 19)
    written = pl.when(seconds.str.len_bytes() == 16).then(seconds + ":00").otherwise(seconds)
    parsed = written.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    instant = parsed.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    in_utc = instant.dt.convert_time_zone("UTC").dt.to_string("%Y-%m-%d %H:%M:%SZ")
    return pl.coalesce(in_utc, text).alias(column)
