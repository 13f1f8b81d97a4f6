"""A million sales rows from PostgreSQL to ts_demand_daily, beside the same rows read and loaded by hand.

By hand is what a data engineer would write in an hour: psycopg's server-side cursor, a CSV file, a load job into a
table of its own. It checks nothing, keeps no rejects, and could not be run a second time.
"""

from __future__ import annotations

import csv
import io
import json
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
from google.cloud import bigquery

from infra.local.stack.process import free_ports
from shared.bigquery.client import bigquery_client
from shared.bigquery.dataset import create_missing
from shared.config import Config
from shared.domain.operation import Operation
from shared.firestore.tenant import Tenant
from shared.tasks.operations import Operations
from tests.benchmarks import shop, synthetic
from tests.benchmarks.clients import Client
from tests.benchmarks.machine import peak_memory_mib
from tests.benchmarks.postgres import Postgres, postgres_folder
from tests.benchmarks.report import Row, Section, progress

_ROWS, _DAYS = 1_000_000, 500
_CLIENT_ID = "bench"
_AIM = 1.5
_PATIENCE_S = 900.0
_FETCHED_ROWS = 50_000
_QUERY = "SELECT sku, day, qty, price FROM sales"
_ENTITY = {
    "query": f"{_QUERY} WHERE day BETWEEN :start_date AND :end_date",
    "mapping": {"item_id": "sku", "date_local": "day", "units_sold": "qty", "location_id": {"constant": "LONDON"}},
}


def measure(_: Sequence[int]) -> Iterator[Section]:
    """By hand, a first sync, and one with nothing changed; in a process of their own each."""
    programs = postgres_folder()
    if programs is None:
        raise RuntimeError("this benchmark starts a PostgreSQL server: install it (apt-get install postgresql)")
    section = Section(
        "source_sync",
        f"A sync of {_ROWS:,} sales rows from PostgreSQL: seconds until they are stored, peak MiB, ratio to by hand",
        ("seconds", "MiB", "ratio"),
    )
    port = free_ports(1)[0]
    with (
        shop.own_folder() as folder,
        tempfile.TemporaryDirectory(prefix="postgres-") as data,
        Postgres(folder / "postgres.log", programs, Path(data) / "data") as server,
        shop.own_backends(folder, port) as parts,
    ):
        config = Config.from_env(parts.api_env)
        create_missing(config)
        tenant = shop.new_tenant(config, _CLIENT_ID)
        tenant.collection("locations").document("LONDON").set({"location_id": "LONDON", "name": "London"})
        progress("filling the source")
        _fill(server.address)
        section.begin()
        progress("by hand")
        by_hand = _by_hand(config, server.address)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        section.add(Row("by hand", {"seconds": by_hand, "MiB": round(memory), "ratio": 1}, {}))
        url = f"postgresql+psycopg://postgres@127.0.0.1:{server.port}/postgres"
        source = {"kind": "sql", "url": url, "entities": {"sales-history": _ENTITY}}
        token = shop.token(config, _CLIENT_ID)
        for name, target in (("first sync", _AIM), ("the same again, all days", None)):
            progress(name)
            with shop.worker(folder, port, parts.env | parts.api_env) as worker:
                client = Client(worker.base_url, token)
                client.call("PUT", "/etl/sources/erp", json.dumps(source).encode())
                sync = {} if target else {"start_date": str(synthetic.TODAY.replace(year=synthetic.TODAY.year - 2))}
                operation, seconds = _stored(
                    tenant, client.call("POST", "/etl/sync/sales-history", json.dumps(sync).encode())
                )
                memory = peak_memory_mib(worker.pid or 0) or 0
            ratio = round(seconds / by_hand, 2)
            figures = {"seconds": seconds, "MiB": round(memory), "ratio": ratio}
            section.add(Row(name, figures, {"ratio": target} if target else {}))
            result = operation.result or {}
            section.note(f"  {name}: inserted {result.get('inserted')}, unchanged {result.get('unchanged')}")
    yield section


def _fill(address: str) -> None:
    items = _ROWS // _DAYS
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE sales (sku text, day date, qty numeric(10, 3), price numeric(10, 2))")
        connection.execute(
            "INSERT INTO sales SELECT 'ITEM-' || i, %s::date - d, (i * 7 + d) %% 9 + 1, 9.99 "
            "FROM generate_series(1, %s) i, generate_series(0, %s) d",
            (synthetic.TODAY, items, _DAYS - 1),
        )
        connection.execute("CREATE INDEX ON sales (day)")
        connection.execute("VACUUM ANALYZE sales")


def _by_hand(config: Config, address: str) -> float:
    began = time.monotonic()
    with tempfile.TemporaryFile() as file, psycopg.connect(address) as connection:
        text = io.TextIOWrapper(file, newline="")
        writer = csv.writer(text)
        with connection.cursor("rows") as cursor:
            cursor.itersize = _FETCHED_ROWS
            cursor.execute(_QUERY.encode())
            for row in cursor:
                writer.writerow(row)
        text.flush()
        job = bigquery_client(config).load_table_from_file(
            file,
            f"{config.project_id}.{config.dataset}.by_hand",
            rewind=True,
            job_config=bigquery.LoadJobConfig(
                source_format="CSV",
                schema=[
                    bigquery.SchemaField("item_id", "STRING"),
                    bigquery.SchemaField("date_local", "DATE"),
                    bigquery.SchemaField("units_sold", "NUMERIC"),
                    bigquery.SchemaField("price", "NUMERIC"),
                ],
            ),
        )
        job.result()
    return round(time.monotonic() - began, 2)


def _stored(tenant: Tenant, answer: bytes) -> tuple[Operation, float]:
    """The sync, once all is stored, and the seconds from its start; lists show it with the refresh that follows."""
    operation_id, deadline = json.loads(answer)["id"], time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        operation = Operations(tenant).get(operation_id)
        if operation.error is not None:
            raise RuntimeError(f"the sync failed: {operation.error}")
        if (operation.finished or operation.awaits is not None) and operation.started_at is not None:
            now = operation.updated_at or operation.finished_at
            if now is not None:
                return operation, round((now - operation.started_at).total_seconds(), 2)
        time.sleep(0.1)
    raise RuntimeError(f"the sync did not end within {_PATIENCE_S:g} s")
