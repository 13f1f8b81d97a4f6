"""The alternative to compare with: the same lists and dashboard from an indexed PostgreSQL table.

A server of our own on a free port, and an app on it that differs from the product only in where the rows come from: the
same pipeline, sign-in, validation and serialisation under the same gunicorn.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import psycopg

from infra.local.stack.component import Component
from infra.local.stack.gateway_process import GatewayProcess
from infra.local.stack.process import LOOPBACK, ComponentError, accepts, free_ports
from shared.catalog.schema import PUBLIC_COLUMNS

_DEBIAN_FOLDERS = "/usr/lib/postgresql"
_SERVER_USER = "postgres"  # PostgreSQL does not run as root
_TYPES = {
    pl.String: "text",
    pl.Decimal: "numeric(18, 3)",
    pl.Float64: "double precision",
    pl.Int64: "integer",
    pl.Boolean: "boolean",
    pl.Date: "date",
}
# What lists filter and sort by, and trigrams for what they search in. Sorted indexes end in the tiebreak.
_LARGE = {"shared_buffers": "512MB", "work_mem": "64MB", "random_page_cost": "1.1"}  # everything is in memory
_INDEXES = (
    "(client_id, item_id)",
    "(client_id, location_id, item_id)",
    "(client_id, category)",
    "(client_id, status)",
    "(client_id, supplier_id)",
    "(client_id, stockout_risk DESC, product_name, item_id)",
    "(client_id, inventory_value DESC, item_id)",
    "(client_id, dir, item_id)",
    "(client_id, category, product_name, item_id)",
    "(client_id, location_id, status, stockout_risk DESC)",
    "USING gin (search_text gin_trgm_ops)",
)


def postgres_folder() -> Path | None:
    """Where the newest PostgreSQL server's programs are; None when there is none on this machine."""
    found = shutil.which("postgres")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(Path(_DEBIAN_FOLDERS).glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


class Postgres(Component):
    """A server with an empty cluster of its own."""

    name = "PostgreSQL"

    def __init__(self, log: Path, programs: Path, data: Path, settings: Mapping[str, str] = _LARGE) -> None:
        super().__init__(log, {})
        self._programs = programs
        self._data = data
        self._settings = settings
        (self._port,) = free_ports(1)

    @property
    def port(self) -> int:
        return self._port

    @property
    def address(self) -> str:
        return f"host={LOOPBACK} port={self._port} user={_SERVER_USER} dbname=postgres"

    @property
    def env(self) -> dict[str, str]:
        return {"BENCHMARK_POSTGRES": self.address}

    def start(self) -> None:
        if self._data.exists():  # started before
            super().start()
            return
        self._data.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(self._data, _SERVER_USER)
            for parent in self._data.parents[:-1]:
                if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                    parent.chmod(0o711)
        command = [
            str(self._programs / "initdb"),
            "--auth=trust",
            "--no-sync",
            f"--username={_SERVER_USER}",
            "--pgdata",
        ]
        done = subprocess.run(
            [*_as_server_user(), *command, str(self._data)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ComponentError(f"initdb failed: {done.stderr.strip()}")
        super().start()

    def _command(self) -> Sequence[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": self._port,
            "unix_socket_directories": "",
            "jit": "off",  # compiling takes longer than these queries
            **self._settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [*_as_server_user(), str(self._programs / "postgres"), "-D", str(self._data), *options]

    def _ready(self) -> bool:
        if not accepts(self._port):
            return False
        try:
            psycopg.connect(self.address).close()
        except psycopg.OperationalError:  # still starting up
            return False
        return True


class PostgresGateway(GatewayProcess):
    """The comparison app, served as the product is."""

    def _command(self) -> Sequence[str]:
        ours = "tests.benchmarks.postgres_app:app"
        return [ours if part == "infra.local.stack.gateway:gateway()" else part for part in super()._command()]


def create_table(address: str) -> None:
    """The product table with its indexes."""
    columns = ", ".join(f"{name} {_TYPES[kind.base_type()]}" for name, kind in PUBLIC_COLUMNS.items())
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute(f"CREATE TABLE products (client_id text NOT NULL, {columns}, search_text text NOT NULL)")
        for index in _INDEXES:
            connection.execute(f"CREATE INDEX ON products {index}")


def load(address: str, client_id: str, rows: pl.DataFrame) -> None:
    """Copy a client's catalog rows into the table and let the server look at them."""
    texts = [pl.col(name).fill_null("") for name in ("item_id", "sku", "product_name", "category")]
    frame = rows.select(
        pl.lit(client_id).alias("client_id"),
        *PUBLIC_COLUMNS,
        search_text=pl.concat_str(texts, separator="\n").str.to_lowercase(),
    )
    file = io.BytesIO()
    frame.write_csv(file, include_header=False, quote_style="necessary")
    with psycopg.connect(address, autocommit=True) as connection:
        with connection.cursor().copy("COPY products FROM STDIN (FORMAT csv)") as copy:
            copy.write(file.getvalue())
        connection.execute("VACUUM ANALYZE products")


def _as_server_user() -> list[str]:
    return (
        ["setpriv", f"--reuid={_SERVER_USER}", f"--regid={_SERVER_USER}", "--clear-groups"] if os.geteuid() == 0 else []
    )
