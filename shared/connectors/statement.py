"""The statement that reads an entity, in a dialect of SQL: around the client's table or query, which stays as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from shared.connectors.connector import DATE, INSTANT, LOCAL_TIME, UNTYPED, DayWindow, UnusableDateColumn
from shared.domain.imports.data_source import Entity
from shared.domain.imports.import_errors import MissingColumns
from shared.domain.imports.read_only_query import END, START, read_only_query

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Dialect:
    """How a database writes names and placeholders; `literal` is other text beside placeholders.

    `days_as_text`: the database has no dates, days are compared as text.
    """

    quoted: Callable[[str], str]
    placeholder: Callable[[str], str]
    literal: Callable[[str], str] = str
    days_as_text: bool = False


@dataclass(frozen=True)
class Statement:
    """A SELECT with its bound values."""

    text: str
    values: Mapping[str, Any]

    def limited(self, rows: int) -> Statement:
        """Its first rows, in no order."""
        return replace(self, text=f"SELECT * FROM ({self.text}) AS limited LIMIT {rows:d}")  # noqa: S608

    def nulls_of(self, dialect: Dialect, key: Sequence[str]) -> Statement:
        """A row where one of the columns is null, if there is any."""
        anywhere = " OR ".join(f"{_name(dialect, column)} IS NULL" for column in key)
        return replace(self, text=f"SELECT 1 AS found FROM ({self.text}) AS paged WHERE {anywhere} LIMIT 1")  # noqa: S608

    def page(self, dialect: Dialect, key: Sequence[str], behind: Sequence[Any] | None, rows: int) -> Statement:
        """The rows behind those of this key, in the key's order."""
        names = [_name(dialect, column) for column in key]
        after, values = "", dict(self.values)
        if behind is not None:
            values |= {f"key_{number}": value for number, value in enumerate(behind)}
            marks = ", ".join(dialect.placeholder(f"key_{number}") for number in range(len(behind)))
            after = f"WHERE ({', '.join(names)}) > ({marks}) "
        order = f"ORDER BY {', '.join(names)} LIMIT {rows:d}"
        return Statement(f"SELECT * FROM ({self.text}) AS paged {after}{order}", values)  # noqa: S608


def described(entity: Entity, dialect: Dialect, window: DayWindow | None) -> Statement:
    """The entity's columns, of no row; run first, to know their names and types."""
    _, whole = _origin(entity, dialect)
    values = {} if window is None else {START: window.days.first, END: window.days.last}
    return Statement(whole, _bound(values, dialect) if _by_window(entity) else {}).limited(0)


def selected(entity: Entity, dialect: Dialect, window: DayWindow | None, columns: Mapping[str, str]) -> Statement:
    """The entity's rows of the window; `columns` are those that the database has told, with their types.

    A query with placeholders is given the days as dates. Where the day's column has a time, `BETWEEN` would leave out
    the last day but its midnight, and the days of another time zone are others: so a day more is read at both ends, and
    what is beyond the client's days is filtered out, exactly.
    """
    source, whole = _origin(entity, dialect)
    if window is None:
        return Statement(whole, {})
    column = window.date_column(tuple(columns))
    kind = columns.get(column or "", UNTYPED)
    timed = kind in (LOCAL_TIME, INSTANT)
    values: dict[str, Any] = {}
    if _by_window(entity):
        margin = _DAY if timed else dt.timedelta()
        values = {START: window.days.first - margin, END: window.days.last + margin}
        if not timed:
            return Statement(whole, _bound(values, dialect))
    if column is not None and column not in columns:
        raise MissingColumns(f"the source has no column {column!r} (for date_local); it has {', '.join(columns)}")
    if column is None:
        raise UnusableDateColumn(
            "the mapping must name the column of date_local, which is filtered by the days to read; or give a query "
            f"with :{START} and :{END}"
        )
    low, high = _bounds(window, kind, entity.time_zone or window.time_zone, column)
    name, marks = _name(dialect, column), (dialect.placeholder("low"), dialect.placeholder("high"))
    text = f"SELECT * FROM {source} WHERE {name} >= {marks[0]} AND {name} < {marks[1]}"  # noqa: S608
    return Statement(text, _bound({**values, "low": low, "high": high}, dialect))


def _origin(entity: Entity, dialect: Dialect) -> tuple[str, str]:
    """What stands behind FROM, and the whole as a SELECT."""
    if entity.query is not None:
        query = read_only_query(entity.query, "query").written(dialect.placeholder, dialect.literal)
        return f"({query}) AS windowed", query
    table = ".".join(_name(dialect, part) for part in (entity.table or "").split("."))
    return table, f"SELECT * FROM {table}"  # noqa: S608


def _by_window(entity: Entity) -> bool:
    return entity.query is not None and read_only_query(entity.query, "query").by_window


def _name(dialect: Dialect, name: str) -> str:
    return dialect.literal(dialect.quoted(name))


def _bounds(window: DayWindow, kind: str, source_zone: str, column: str) -> tuple[Any, Any]:
    """From the start of the first day to before the start of the day behind the last one, in the column's type."""
    first, behind = window.days.first, window.days.last + _DAY
    if kind in (DATE, UNTYPED):
        return first, behind
    if kind not in (LOCAL_TIME, INSTANT):
        raise UnusableDateColumn(
            f"the column {column!r} is {kind}, no date: give a query that has it as a date, or has :{START} and :{END}"
        )
    zone = ZoneInfo(window.time_zone)
    instants = [dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in (first, behind)]
    if kind == INSTANT:
        return instants[0], instants[1]
    low, high = (instant.astimezone(ZoneInfo(source_zone)).replace(tzinfo=None) for instant in instants)
    return low, high


def _bound(values: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    return {name: value.isoformat() for name, value in values.items()} if dialect.days_as_text else dict(values)
