"""Entering a SQL database: to the address that was checked, read-only, and for no longer than a query may take."""

from __future__ import annotations

import re
import socket
import sqlite3
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import psycopg
from sqlalchemy import Connection, Engine, create_engine, exc
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from shared.config import Config
from shared.connectors import connector
from shared.connectors.cells import frame_of
from shared.connectors.connector import SourceDenied, SourceQueryFailed, SourceTooSlow, SourceUnreachable
from shared.connectors.statement import Dialect, Statement
from shared.domain.errors import StockcastError
from shared.domain.imports.data_source import DatabaseUrl
from shared.outbound.address import AddressNotAllowed, destination

_CONNECT_TIMEOUT_S = 10


@dataclass(frozen=True)
class Entrance:
    """Who enters where, and how long one statement may take."""

    config: Config
    url: DatabaseUrl
    password: str | None
    timeout_s: int

    def hidden(self, text: str) -> str:
        """A text of the database's without the password that it might repeat."""
        return text.replace(self.password, "***") if self.password else text


class Database(ABC):
    """A kind of database. `errors` are those of its driver and of SQLAlchemy; `problem` says what one means."""

    errors: tuple[type[BaseException], ...] = (exc.SQLAlchemyError, OSError)

    def __init__(self, entrance: Entrance) -> None:
        self.entrance = entrance

    @abstractmethod
    def engine(self) -> Engine:
        """SQLAlchemy's way in; raises AddressNotAllowed and HostNotFound."""

    @abstractmethod
    def begin(self, connection: Connection) -> None:
        """Make the transaction read-only and limit its time."""

    @abstractmethod
    def types(self, description: Sequence[Sequence[Any]]) -> dict[str, str]:
        """The columns of a cursor, in order, with the type of each as connector.py names them."""

    @abstractmethod
    def problem(self, error: BaseException) -> StockcastError:
        """What an error of the driver means."""

    def dialect(self, engine: Engine) -> Dialect:
        """How it writes names and placeholders."""
        preparer = engine.dialect.identifier_preparer
        return Dialect(preparer.quote_identifier, lambda name: f"%({name})s", lambda text: text.replace("%", "%%"))

    def frames(
        self, connection: Connection, statement: Statement, columns: Mapping[str, str], rows: int
    ) -> Generator[pl.DataFrame, None, None]:
        """The statement's rows as columns of text, at most `rows` at once, as they arrive; `columns` by `types`."""
        streamed = connection.execution_options(stream_results=True, yield_per=rows)
        result = streamed.exec_driver_sql(statement.text, dict(statement.values))
        instants = frozenset(name for name, kind in columns.items() if kind == connector.INSTANT)
        while found := list(islice(result, rows)):
            yield frame_of(found, list(columns), instants)

    def unreachable(self, why: str) -> StockcastError:
        url = self.entrance.url
        return SourceUnreachable(f"the database at {url.host}:{url.port} is not there: {self.entrance.hidden(why)}")

    def too_slow(self) -> StockcastError:
        return SourceTooSlow(f"the query took longer than {self.entrance.timeout_s} s")


class PostgreSQL(Database):
    """PostgreSQL by psycopg. Rows come by COPY: the server writes the text of every type itself."""

    errors = (*Database.errors, psycopg.Error)

    def engine(self) -> Engine:
        url = self.entrance.url
        found = destination(self.entrance.config, url.host, url.port)
        tls = url.options.get("sslmode") or ("prefer" if found.allowed_by_deployment else "require")
        arguments: dict[str, Any] = {
            "hostaddr": found.address,  # and not what the name says the next time
            "sslmode": tls,
            "connect_timeout": _CONNECT_TIMEOUT_S,
            "application_name": "stockcast",
            "client_encoding": "utf8",
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 60_000,
        }
        if tls in ("verify-ca", "verify-full"):
            arguments["sslrootcert"] = "system"
        place = URL.create(url.driver, url.user, self.entrance.password, url.host, url.port, url.database)
        return create_engine(
            place,
            poolclass=NullPool,
            connect_args=arguments,
            isolation_level="REPEATABLE READ",
            use_native_hstore=False,
        )

    def begin(self, connection: Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {self.entrance.timeout_s * 1000:d}")
        for name, value in (("datestyle", "ISO"), ("timezone", "UTC"), ("intervalstyle", "iso_8601")):
            connection.exec_driver_sql(f"SET LOCAL {name} = '{value}'")

    def types(self, description: Sequence[Sequence[Any]]) -> dict[str, str]:
        return {column[0]: _POSTGRES_TYPES.get(column[1], connector.OTHER) for column in description}

    def frames(
        self, connection: Connection, statement: Statement, columns: Mapping[str, str], rows: int
    ) -> Generator[pl.DataFrame, None, None]:
        from shared.connectors.postgres_copy import copied

        return copied(connection.connection.driver_connection, statement, columns, rows)

    def problem(self, error: BaseException) -> StockcastError:
        original = getattr(error, "orig", None) or error
        state = getattr(original, "sqlstate", None) or ""
        message = getattr(getattr(original, "diag", None), "message_primary", None) or str(original)
        text = self.entrance.hidden(message.partition("\n")[0])
        if state == "57014":
            return self.too_slow()
        if state == "42501" or state.startswith("28"):
            return SourceDenied(f"the database refuses: {text}")
        if state.startswith(("08", "53", "57", "58", "40", "55", "XX")):
            return self.unreachable(text)
        if state:
            return SourceQueryFailed(f"the database cannot run the query: {text}")
        return self._not_entered(str(original))

    def _not_entered(self, text: str) -> StockcastError:
        """A connection that failed has no state in all versions of the library: its text says why."""
        fatal = text.partition("FATAL:")[2].strip().partition("\n")[0]
        if re.search(r"password|authentication|does not exist|pg_hba|permission denied|not permitted", fatal):
            return SourceDenied(f"the database refuses: {self.entrance.hidden(fatal)}")
        if "fe_sendauth: no password" in text:
            return SourceDenied("the database asks for a password: name the `secret` that holds it")
        return self.unreachable(fatal or ("it does not answer in time" if "timeout" in text else "no connection"))


class MySQL(Database):
    """MySQL and MariaDB by PyMySQL, in pure Python: slower than PostgreSQL by some times."""

    def engine(self) -> Engine:
        url = self.entrance.url
        found = destination(self.entrance.config, url.host, url.port)
        wanted = url.options.get("ssl_mode") or ("DISABLED" if found.allowed_by_deployment else "REQUIRED")
        context = None if wanted == "DISABLED" else ssl.create_default_context()
        if context is not None and wanted != "VERIFY_IDENTITY":
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        place = URL.create(url.driver, url.user, None, url.host, url.port, url.database)

        def enter() -> Any:
            import pymysql

            connection: Any = pymysql.connect(
                host=url.host,
                port=url.port,
                user=url.user,
                password=self.entrance.password or "",
                database=url.database,
                charset=url.options.get("charset", "utf8mb4"),
                ssl=context,
                read_timeout=self.entrance.timeout_s + _CONNECT_TIMEOUT_S,
                connect_timeout=_CONNECT_TIMEOUT_S,
                defer_connect=True,
            )
            connection.connect(socket.create_connection((found.address, found.port), _CONNECT_TIMEOUT_S))
            return connection

        return create_engine(place, poolclass=NullPool, creator=enter)

    def begin(self, connection: Connection) -> None:
        if getattr(connection.dialect, "is_mariadb", False):
            connection.exec_driver_sql(f"SET SESSION max_statement_time = {self.entrance.timeout_s:d}")
        else:
            connection.exec_driver_sql(f"SET SESSION max_execution_time = {self.entrance.timeout_s * 1000:d}")
        connection.exec_driver_sql("SET SESSION time_zone = '+00:00'")
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        connection.exec_driver_sql("START TRANSACTION READ ONLY")

    def types(self, description: Sequence[Sequence[Any]]) -> dict[str, str]:
        return {column[0]: _MYSQL_TYPES.get(column[1], connector.OTHER) for column in description}

    def problem(self, error: BaseException) -> StockcastError:
        original = getattr(error, "orig", None) or error
        if isinstance(original, OSError):
            return self.unreachable(original.strerror or type(original).__name__)
        number, text = (*getattr(original, "args", ()), 0, "")[:2]
        message = self.entrance.hidden(str(text))
        if number in (3024, 1969):
            return self.too_slow()
        if number in (1044, 1045, 1049, 1142, 1143, 1227):
            return SourceDenied(f"the database refuses: {message}")
        if not isinstance(number, int) or number == 0 or number >= 2000 or number in (1040, 1053, 1205, 1213, 1317):
            return self.unreachable(message or type(original).__name__)
        return SourceQueryFailed(f"the database cannot run the query: {message}")


class SQLite(Database):
    """A file, where the deployment allows any: for tests and the local stack."""

    def engine(self) -> Engine:
        folder, file = self.entrance.config.sqlite_sources_folder, Path(self.entrance.url.database).resolve()
        if folder is None or not file.is_relative_to(Path(folder).resolve()):
            raise AddressNotAllowed("this deployment reads no SQLite files, or none of that folder")
        deadline = time.monotonic() + self.entrance.timeout_s

        def enter() -> sqlite3.Connection:
            found = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, check_same_thread=False)
            found.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
            return found

        return create_engine("sqlite://", poolclass=NullPool, creator=enter)

    def dialect(self, engine: Engine) -> Dialect:
        preparer = engine.dialect.identifier_preparer
        return Dialect(preparer.quote_identifier, lambda name: f":{name}", days_as_text=True)

    def begin(self, connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only = ON")

    def types(self, description: Sequence[Sequence[Any]]) -> dict[str, str]:
        return {column[0]: connector.UNTYPED for column in description}

    def problem(self, error: BaseException) -> StockcastError:
        text = str(getattr(error, "orig", None) or error)
        if "interrupted" in text:
            return self.too_slow()
        if "unable to open" in text or "locked" in text:
            return SourceUnreachable(f"the file cannot be opened: {text}")
        return SourceQueryFailed(f"the database cannot run the query: {text}")


DATABASES: dict[str, Callable[[Entrance], Database]] = {
    "postgresql+psycopg": PostgreSQL,
    "mysql+pymysql": MySQL,
    "sqlite": SQLite,
}

_POSTGRES_TYPES = {
    **dict.fromkeys((20, 21, 23, 700, 701, 1700, 790), connector.NUMBER),
    **dict.fromkeys((18, 19, 25, 1042, 1043, 2950), connector.TEXT),
    16: connector.BOOLEAN,
    1082: connector.DATE,
    1114: connector.LOCAL_TIME,
    1184: connector.INSTANT,
}
_MYSQL_TYPES = {
    **dict.fromkeys((0, 1, 2, 3, 4, 5, 8, 9, 13, 246), connector.NUMBER),
    **dict.fromkeys((15, 247, 249, 250, 251, 252, 253, 254), connector.TEXT),
    7: connector.INSTANT,
    10: connector.DATE,
    12: connector.LOCAL_TIME,
    14: connector.DATE,
}
