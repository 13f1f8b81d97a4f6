"""Records of MariaDB, which MySQL's driver reads: where its server is installed, as it need not be."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pymysql
import pytest

from infra.local.stack.process import free_ports
from shared.connectors.connector import SourceDenied, SourceQueryFailed, SourceTooSlow
from shared.domain.errors import StockcastError
from tests.shared.connectors.test_sql import rows, sales_window

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("mariadbd") is None, reason="mariadb-server is not installed"),
]
_SALES = (
    "CREATE DATABASE erp",
    """CREATE TABLE erp.sales (id int PRIMARY KEY, sku text, day date, sold_at datetime, booked timestamp,
                                qty decimal(10, 3), price double, promo boolean)""",
    """INSERT INTO erp.sales VALUES
        (1, 'a', '2026-03-27', '2026-03-27 23:30:00', '2026-03-27 23:30:00', 1, 0.1, true),
        (2, '50 % b', '2026-03-28', '2026-03-28 00:00:00', '2026-03-28 00:00:00', 2.500, 1e20, false),
        (3, 'c, "x"', '2026-03-29', '2026-03-29 23:59:59', '2026-03-29 22:30:00', 3, 0, NULL),
        (4, NULL, '2026-03-30', '2026-03-30 00:00:00', '2026-03-30 00:00:00', NULL, 100, true)""",
    "DELETE FROM mysql.global_priv WHERE user = ''",
    "CREATE USER reader@'%' IDENTIFIED BY ''",
    "GRANT SELECT ON erp.* TO reader@'%'",
    "FLUSH PRIVILEGES",
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    (port,) = free_ports(1)
    with TemporaryDirectory(prefix="mariadb-") as name:
        folder = Path(name)
        own = ["--user=root", f"--datadir={folder}"]
        subprocess.run(
            ["mariadb-install-db", *own, "--auth-root-authentication-method=normal"], check=True, capture_output=True
        )
        files = [f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}"]
        command = ["mariadbd", *own, *files, f"--port={port}", "--bind-address=127.0.0.1", "--default-time-zone=+05:00"]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with _connected(port) as connection, connection.cursor() as cursor:
                cursor.execute("SET time_zone = '+00:00'")
                for statement in _SALES:
                    cursor.execute(statement)
                connection.commit()
            yield f"mysql+pymysql://reader@127.0.0.1:{port}/erp"
        finally:
            server.terminate()
            server.wait()


def _connected(port: int) -> pymysql.Connection:
    deadline = time.monotonic() + 30
    while True:
        try:
            return pymysql.connect(host="127.0.0.1", port=port, user="root")
        except pymysql.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_every_type_has_one_form_also_page_by_page(url: str) -> None:
    first = ("1", "a", "2026-03-27", "2026-03-27 23:30:00", "2026-03-27 23:30:00Z", "1.000", "0.1", "1")
    found = rows(url, {"table": "sales"})
    assert found[0] == first
    assert found[1][-3:] == ("2.500", "100000000000000000000", "0")
    assert found[3][1] is None
    assert rows(url, {"table": "sales", "key": ["id"]}) == found


def test_the_days_are_those_of_the_client(url: str) -> None:
    asked = {"query": "SELECT sku FROM sales WHERE day BETWEEN :start_date AND :end_date AND sku LIKE '50 % b'"}
    assert rows(url, asked, sales_window()) == [("50 % b",)]
    assert [row[0] for row in rows(url, {"table": "sales"}, sales_window())] == ["2", "3"]
    at = rows(url, {"table": "sales", "time_zone": "UTC"}, sales_window("sold_at", "Europe/London"))
    assert [row[0] for row in at] == ["2"]  # the third is sold on the 30th in London


@pytest.mark.parametrize(
    ("query", "error", "told"),
    [
        ("SELECT nope FROM sales", SourceQueryFailed, "Unknown column 'nope'"),
        ("SELECT * FROM mysql.user", SourceDenied, "denied"),
        ("SELECT SLEEP(5) AS a, id FROM sales", SourceTooSlow, "longer than 1 s"),
    ],
)
def test_what_the_database_says_is_told(url: str, query: str, error: type[StockcastError], told: str) -> None:
    with pytest.raises(error, match=told):
        rows(url, {"query": query}, timeout_seconds=1)
