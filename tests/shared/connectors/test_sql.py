"""Records of a SQL database: a real PostgreSQL server, and SQLite."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.config import Config
from shared.connectors.connector import (
    DayWindow,
    SourceDenied,
    SourceQueryFailed,
    SourceTooSlow,
    SourceUnreachable,
    UnusableDateColumn,
    UnusableKey,
)
from shared.connectors.opening import connector_of
from shared.connectors.sql import SqlConnector
from shared.domain.dates import DateRange
from shared.domain.errors import StockcastError
from shared.domain.imports.data_source import Entity, SqlSource
from shared.domain.imports.import_errors import MissingColumns
from shared.imports.readers import record_source
from shared.outbound.address import AddressNotAllowed
from tests.support.source_server import SourceDatabase, SourceServer

ENV = {"GOOGLE_CLOUD_PROJECT": "p", "STOCKCAST_FUNCTION_URL": "u", "SECRET_MANAGER_EMULATOR_FOLDER": "/nowhere"}
LOCAL = Config.from_env(ENV | {"STOCKCAST_ALLOWED_NETWORKS": "127.0.0.0/8", "SQLITE_SOURCES_FOLDER": "/"})
DAYS = DateRange(dt.date(2026, 3, 28), dt.date(2026, 3, 29))
SALES = """
    CREATE TABLE sales (id int, sku text, day date, sold_at timestamp, booked timestamptz, qty numeric(10, 3),
                        price float8, promo boolean);
    INSERT INTO sales VALUES
        (1, 'a', '2026-03-27', '2026-03-27 23:30', '2026-03-27 23:30+00', 1, 0.1, true),
        (2, 'b', '2026-03-28', '2026-03-28 00:00', '2026-03-28 00:00+00', 2.500, 1e20, false),
        (3, 'c, "x"', '2026-03-29', '2026-03-29 23:59:59.5', '2026-03-29 22:30+00', 3, 'NaN', NULL),
        (4, NULL, '2026-03-30', '2026-03-30 00:00', '2026-03-30 00:00+00', NULL, 100, true)"""


def source(url: str, **fields: Any) -> SqlSource:
    return SqlSource.model_validate({"kind": "sql", "url": url, "entities": {"products": {"table": "t"}}} | fields)


def connector(url: str, **fields: Any) -> SqlConnector:
    found = connector_of(LOCAL, "c", source(url, **fields))
    assert isinstance(found, SqlConnector)
    return found


def rows(url: str, entity: dict[str, Any], window: DayWindow | None = None, **fields: Any) -> list[tuple[Any, ...]]:
    """Everything that an entity has, twice: records can be read from their first one again."""
    opened = connector(url, **fields)
    extract = opened.extract(Entity.model_validate(entity), window)
    first, second = ([row for batch in extract.records.batches() for row in batch.columns.rows()] for _ in range(2))
    assert first == second
    opened.close()
    return first


def sales_window(column: str | None = "day", time_zone: str = "UTC", days: DateRange = DAYS) -> DayWindow:
    return DayWindow(days, lambda _: column, time_zone)


@pytest.fixture(scope="module")
def sales(postgres: SourceServer) -> SourceDatabase:
    return postgres.new_database(SALES)


def test_every_type_has_one_form(sales: SourceDatabase) -> None:
    found = rows(sales.url, {"query": "SELECT * FROM sales ORDER BY id"})
    assert found == [
        ("1", "a", "2026-03-27", "2026-03-27 23:30:00", "2026-03-27 23:30:00Z", "1.000", "0.1", "true"),
        ("2", "b", "2026-03-28", "2026-03-28 00:00:00", "2026-03-28 00:00:00Z", "2.500", "1e+20", "false"),
        ("3", 'c, "x"', "2026-03-29", "2026-03-29 23:59:59.5", "2026-03-29 22:30:00Z", "3.000", "NaN", None),
        ("4", None, "2026-03-30", "2026-03-30 00:00:00", "2026-03-30 00:00:00Z", None, "100", "true"),
    ]
    extract = connector(sales.url).extract(Entity(table="public.sales"))
    assert extract.columns == {
        "id": "number",
        "sku": "text",
        "day": "date",
        "sold_at": "date and time",
        "booked": "date and time with time zone",
        "qty": "number",
        "price": "number",
        "promo": "true or false",
    }


@pytest.mark.parametrize("origin", [{"table": "sales"}, {"query": "SELECT id, day, sold_at, booked FROM sales"}])
@pytest.mark.parametrize(
    ("column", "client_zone", "source_zone", "ids"),
    [
        ("day", "UTC", None, {"2", "3"}),
        ("sold_at", "UTC", None, {"2", "3"}),  # the last day's last second too
        ("sold_at", "Europe/London", "UTC", {"2"}),  # midnight in London is 23:00 UTC since 01:00 of the 29th
        ("sold_at", "America/New_York", "UTC", {"3", "4"}),
        ("booked", "UTC", None, {"2", "3"}),
        ("booked", "Asia/Tokyo", None, {"1", "2"}),
    ],
)
def test_the_days_are_those_of_the_client(
    sales: SourceDatabase, origin: dict[str, str], column: str, client_zone: str, source_zone: str | None, ids: set[str]
) -> None:
    found = rows(sales.url, origin | {"time_zone": source_zone}, sales_window(column, client_zone))
    assert {row[0] for row in found} == ids


def test_a_query_is_given_the_days_and_never_loses_the_last_one(sales: SourceDatabase) -> None:
    for column in ("day", "sold_at", "booked"):
        query = f"SELECT id, {column} AS at FROM sales WHERE {column} BETWEEN :start_date AND :end_date AND '%' = '%'"
        assert {row[0] for row in rows(sales.url, {"query": query}, sales_window("at"))} == {"2", "3"}, column


def test_times_of_another_zone_say_so(sales: SourceDatabase) -> None:
    query = "SELECT sold_at FROM sales WHERE id = 3"
    assert rows(sales.url, {"query": query, "time_zone": "Europe/London"}) == [("2026-03-29 22:59:59Z",)]


@pytest.mark.parametrize(
    ("column", "error"),
    [("sku", UnusableDateColumn), ("qty", UnusableDateColumn), ("gone", MissingColumns), (None, UnusableDateColumn)],
)
def test_a_window_needs_a_column_of_days(
    sales: SourceDatabase, column: str | None, error: type[StockcastError]
) -> None:
    with pytest.raises(error, match=column or "date_local"):
        rows(sales.url, {"table": "sales"}, sales_window(column))


def test_pages_by_key_hold_every_row_once(postgres: SourceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_source, "_BATCH_ROWS", 7)
    database = postgres.new_database(
        "CREATE TABLE t (a int, b text, c int)",
        "INSERT INTO t SELECT i / 3, 'k' || (i % 3), i FROM generate_series(0, 40) i",
    )
    found = rows(database.url, {"table": "t", "key": ["a", "b"]})
    assert sorted(int(row[2]) for row in found) == list(range(41))
    with pytest.raises(UnusableKey, match="several rows have the a 2"):
        rows(database.url, {"table": "t", "key": ["a"]})
    with pytest.raises(UnusableKey, match="no column 'x'"):
        rows(database.url, {"table": "t", "key": ["x"]})
    database.run("INSERT INTO t VALUES (99, NULL, 99)")
    with pytest.raises(UnusableKey, match="null in some rows"):
        rows(database.url, {"table": "t", "key": ["a", "b"]})


def test_nothing_can_be_changed(postgres: SourceServer) -> None:
    """Whatever gets past the check of the query: by a function, and by a role that might."""
    database = postgres.new_database(
        "CREATE TABLE t (a int)",
        "CREATE FUNCTION put() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO t VALUES (1) RETURNING a'",
        "GRANT INSERT ON t TO reader",
    )
    with pytest.raises(SourceQueryFailed, match="read-only transaction"):
        rows(database.url, {"query": "SELECT put() AS a"})


@pytest.mark.parametrize(
    ("query", "error", "told"),
    [
        ("SELECT gone FROM sales", SourceQueryFailed, 'column "gone" does not exist'),
        ("SELECT * FROM nothing", SourceQueryFailed, 'relation "nothing" does not exist'),
        ("SELECT * FROM pg_authid", SourceDenied, "permission denied"),
        ("SELECT 1 AS a FROM pg_sleep(20)", SourceTooSlow, "longer than 1 s"),
        ("SELECT 1 / (id - 3) FROM sales", SourceQueryFailed, "division by zero"),
    ],
)
def test_what_the_database_says_is_told(
    sales: SourceDatabase, query: str, error: type[StockcastError], told: str
) -> None:
    with pytest.raises(error, match=told):
        rows(sales.url, {"query": query}, timeout_seconds=1)


def test_a_reading_that_is_given_up_leaves_no_query_behind(sales: SourceDatabase) -> None:
    query = "SELECT i, repeat('x', 1000) AS text FROM generate_series(1, 200000) i"
    opened = connector(sales.url)
    batches = opened.extract(Entity(query=query)).records.batches()

    assert next(batches).size > 0
    batches.close()  # type: ignore[attr-defined]  # a generator
    opened.close()

    running = "SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%'"
    assert rows(sales.url, {"query": running}) == [("1",)]  # this one


def test_who_may_not_enter_is_told_apart_from_who_cannot_reach_it(sales: SourceDatabase) -> None:
    port = sales.server.port
    with pytest.raises(SourceDenied, match="nobody"):
        rows(f"postgresql://nobody@127.0.0.1:{port}/{sales.name}", {"table": "sales"})
    with pytest.raises(SourceDenied, match="nowhere"):
        rows(f"postgresql://reader@127.0.0.1:{port}/nowhere", {"table": "sales"})
    with pytest.raises(SourceUnreachable, match="9 is not there"):
        rows("postgresql://reader@127.0.0.1:9/x", {"table": "sales"})
    with pytest.raises(SourceUnreachable, match="9 is not there"):
        rows("mysql://reader@127.0.0.1:9/x", {"table": "sales"})
    cloud = Config.from_env(ENV)
    with pytest.raises(AddressNotAllowed):
        connector_of(cloud, "c", source(sales.url)).extract(Entity(table="sales"))


def test_the_connection_goes_to_the_checked_address(sales: SourceDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that only the check can resolve: the library is not asked for it again."""
    from shared.connectors import databases
    from shared.outbound.address import destination

    monkeypatch.setattr(
        databases, "destination", lambda config, host, port: destination(config, host, port, lambda *_: ["127.0.0.1"])
    )
    url = sales.url.replace("127.0.0.1", "erp.invalid")
    assert len(rows(url, {"table": "sales"})) == 4


# SQLite: no types, days compared as text.


@contextmanager
def sqlite(folder: Path, *statements: str) -> Iterator[str]:
    file = folder / "erp.db"
    with sqlite3.connect(file) as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    yield f"sqlite:///{file}"


def test_sqlite_is_read_and_not_written(tmp_path: Path) -> None:
    with sqlite(
        tmp_path,
        "CREATE TABLE t (id INTEGER, day TEXT, qty REAL)",
        "INSERT INTO t VALUES (1, '2026-03-27', 1), (2, '2026-03-28', 0.1), (3, '2026-03-29 23:00', 3)",
        "INSERT INTO t VALUES (4, NULL, NULL)",
    ) as url:
        assert rows(url, {"table": "t"})[1:] == [
            ("2", "2026-03-28", "0.1"),
            ("3", "2026-03-29 23:00", "3"),
            ("4", None, None),
        ]
        assert [row[0] for row in rows(url, {"table": "t"}, sales_window())] == ["2", "3"]
        query = "SELECT id FROM t WHERE day BETWEEN :start_date AND :end_date"
        assert rows(url, {"query": query}, sales_window()) == [("2",)]
        zoned = rows(url, {"table": "t", "time_zone": "Europe/Berlin"}, sales_window())
        assert zoned[1][1] == "2026-03-29 21:00:00Z"
        assert [row[0] for row in rows(url, {"table": "t", "key": ["id"]})] == ["1", "2", "3", "4"]
        with pytest.raises(SourceQueryFailed, match="no such table"):
            rows(url, {"table": "gone"})
        slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        with pytest.raises(SourceTooSlow):
            rows(url, {"query": slow}, timeout_seconds=1)


def test_a_file_is_a_source_only_where_the_deployment_says_so(tmp_path: Path) -> None:
    with sqlite(tmp_path, "CREATE TABLE t (id INTEGER)") as url:
        for folder in ({}, {"SQLITE_SOURCES_FOLDER": str(tmp_path / "other")}):
            with pytest.raises(AddressNotAllowed):
                connector_of(Config.from_env(ENV | folder), "c", source(url)).extract(Entity(table="t"))
