"""A PostgreSQL server that stands for a client's own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from tests.benchmarks.postgres import Postgres, postgres_folder

_QUICK = {"shared_buffers": "32MB", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
READER = "reader"


@dataclass(frozen=True)
class SourceDatabase:
    """A database of its own, with a role that may only read it."""

    server: Postgres
    name: str

    @property
    def url(self) -> str:
        """As a source has it: without a password."""
        return f"postgresql+psycopg://{READER}@127.0.0.1:{self.server.port}/{self.name}"

    @property
    def address(self) -> str:
        return f"host=127.0.0.1 port={self.server.port} user=postgres dbname={self.name}"

    def run(self, *statements: str) -> None:
        """Change something in it, as its owner."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
            connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}".encode())

    def copy(self, table: str, rows: str) -> None:
        """Put rows of CSV into a table."""
        text = f"COPY {table} FROM STDIN (FORMAT csv)".encode()
        with psycopg.connect(self.address, autocommit=True) as connection, connection.cursor().copy(text) as copy:
            copy.write(rows)


@dataclass(frozen=True)
class SourceServer:
    """The server; `new_database` gives each test its own."""

    server: Postgres
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_database(self, *statements: str) -> SourceDatabase:
        database = SourceDatabase(self.server, f"erp_{next(self._numbers)}")
        with psycopg.connect(self.server.address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database.name} STRATEGY file_copy".encode())
        database.run(*statements)
        return database


@contextmanager
def source_server() -> Iterator[SourceServer]:
    """A server in a folder of its own: pytest closes its own folders to all other users, such as the server's, whenever
    another process of it starts. Tests need PostgreSQL's programs: they fail without, and are never left out."""
    programs = postgres_folder()
    if programs is None:
        raise RuntimeError("tests of connectors start a PostgreSQL server: install it (apt-get install postgresql)")
    with (
        TemporaryDirectory(prefix="postgres-") as name,
        Postgres(Path(name) / "postgres.log", programs, Path(name) / "data", _QUICK) as server,
    ):
        with psycopg.connect(server.address, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {READER} LOGIN".encode())
        yield SourceServer(server)
