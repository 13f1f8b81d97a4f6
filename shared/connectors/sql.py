"""A SQL database as a source."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

import polars as pl
from sqlalchemy import Connection, Engine

from shared.connectors.cells import with_offset
from shared.connectors.connector import LOCAL_TIME, UNTYPED, DayWindow, Extract, SourceQueryFailed, UnusableKey
from shared.connectors.databases import DATABASES, Database, Entrance
from shared.connectors.statement import Dialect, Statement, described, selected
from shared.domain.imports.data_source import Entity
from shared.imports.readers.frames import text_batches
from shared.imports.readers.record_source import RecordSource, batch_rows, column_names


class SqlConnector:
    """PostgreSQL, MySQL or SQLite. Each extract has a connection of its own while it is read."""

    def __init__(self, entrance: Entrance) -> None:
        self._database: Database = DATABASES[entrance.url.driver](entrance)
        self._engine: Engine | None = None

    def extract(self, entity: Entity, window: DayWindow | None = None, limit: int | None = None) -> Extract:
        """As connector.Connector has it."""
        with self._connected() as connection:
            dialect = self._dialect()
            asked = described(entity, dialect, window)
            result = connection.exec_driver_sql(asked.text, dict(asked.values))
            given = self._database.types(result.cursor.description or () if result.cursor is not None else ())
        columns = dict(zip(column_names(list(given)), given.values(), strict=True)) if given else {}
        if not columns:
            raise SourceQueryFailed("the query has no columns")
        statement = selected(entity, dialect, window, columns)
        if limit is not None:
            statement = statement.limited(limit)
        zone, rows = entity.time_zone, batch_rows(len(columns))
        if zone is None:
            local: list[str] = []
        else:
            date = window and window.date_column(tuple(columns))
            local = [name for name, kind in columns.items() if kind == LOCAL_TIME or (kind == UNTYPED and name == date)]

        def frames() -> Iterator[pl.DataFrame]:
            with self._connected() as connection:
                if entity.key is None or limit is not None:
                    found = self._database.frames(connection, statement, columns, rows)
                else:
                    found = self._pages(connection, statement, entity.key, columns, rows)
                with closing(found):
                    for frame in found:
                        yield frame.with_columns(with_offset(name, zone or "UTC") for name in local)

        header = tuple(columns)
        return Extract(RecordSource(header, lambda: text_batches(frames(), header), typed=frozenset(header)), columns)

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()

    def _pages(
        self, connection: Connection, statement: Statement, key: Sequence[str], columns: Mapping[str, str], rows: int
    ) -> Generator[pl.DataFrame, None, None]:
        """Page by page in the order of the key; a page has one row more than is taken, to see that the key tells it
        from the next one."""
        if unknown := [column for column in key if column not in columns]:
            raise UnusableKey(f"the source has no column {unknown[0]!r} to page by; it has {', '.join(columns)}")
        dialect, behind = self._dialect(), None
        nulls = statement.nulls_of(dialect, key)
        if connection.exec_driver_sql(nulls.text, dict(nulls.values)).first() is not None:
            raise UnusableKey(f"{', '.join(key)}, to page by, is null in some rows, which would never be read")
        while True:
            page = statement.page(dialect, key, behind, rows + 1)
            frame = pl.concat(
                [
                    pl.DataFrame(schema=dict.fromkeys(columns, pl.String)),
                    *self._database.frames(connection, page, columns, rows + 1),
                ]
            )
            if frame.height <= rows:
                yield frame
                return
            last, following = frame.select(key).slice(rows - 1, 2).rows()
            if last == following:
                raise UnusableKey(
                    f"several rows have the {', '.join(key)} {', '.join(map(str, last))}: give a unique key"
                )
            behind = last
            yield frame.head(rows)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection in a transaction that is read-only; the driver's errors become the connector's."""
        try:
            if self._engine is None:
                self._engine = self._database.engine()
            with self._engine.connect() as connection:
                self._database.begin(connection)
                yield connection
                connection.rollback()
        except self._database.errors as error:
            raise self._database.problem(error) from error

    def _dialect(self) -> Dialect:
        if self._engine is None:
            self._engine = self._database.engine()
        return self._database.dialect(self._engine)
