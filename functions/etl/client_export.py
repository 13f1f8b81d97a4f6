"""One attempt at exporting all data of a client: a file for each collection and table, and a manifest of them.

Documents are JSON Lines, tables are Parquet. One file is made at a time, on disk, and neither a collection nor a table
is ever in memory as a whole. An attempt that is killed is made again from the start: a file is written over.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from functions.etl import client_files
from functions.etl.client_files import EXPORT_DAYS
from shared.bigquery.tables import TABLES, Table
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.operation import Operation, OperationStatus
from shared.firestore.client_data import NOT_EXPORTED, USERS, collections_of, exported_documents
from shared.firestore.clients import Clients
from shared.firestore.tenant import Tenant
from shared.tasks.operations import Operations
from shared.tasks.worker import Clock, OperationOutcome, Reporter, run

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class ExportedFile:
    """A file of an export: what it holds, how many records, how large it is, and its SHA-256 in hexadecimal."""

    name: str
    source: str
    records: int
    bytes: int
    sha256: str


def work_on_export(config: Config, tenant: Tenant, operation_id: str, clock: Clock) -> OperationStatus:
    """Claim the operation and do all of it."""

    def work(operation: Operation, reporter: Reporter) -> OperationOutcome:
        return _export(config, tenant, operation, reporter, clock)

    return run(Operations(tenant), operation_id, work, clock)


def _export(config: Config, tenant: Tenant, operation: Operation, reporter: Reporter, clock: Clock) -> OperationOutcome:
    collections = [name for name in collections_of(tenant) if name not in NOT_EXPORTED]
    warehouse, total = Warehouse(config, tenant.client_id), len(collections) + len(TABLES) + 2
    files: list[ExportedFile] = []

    def keep(file: ExportedFile, path: Path) -> None:
        client_files.store(config, tenant.client_id, operation.id, path)
        path.unlink()
        files.append(file)
        reporter.step("exporting", len(files), total)

    with TemporaryDirectory() as folder:
        client = vars(Clients(tenant.database).get(tenant.client_id))
        keep(*_documents(Path(folder), "client", [client], reporter))
        for name in (USERS, *collections):
            keep(*_documents(Path(folder), name, exported_documents(tenant, name), reporter))
        for table in TABLES:
            keep(*_rows(Path(folder), table, warehouse.stored_batches(table), reporter))
        manifest = Path(folder) / MANIFEST
        about = {"client_id": tenant.client_id, "exported_at": clock(), "files": [asdict(file) for file in files]}
        manifest.write_text(json.dumps(about, default=_plain, indent=2), encoding="utf-8")
        described = _described(manifest, "manifest", len(files))
        client_files.store(config, tenant.client_id, operation.id, manifest)
    expires_at = clock() + dt.timedelta(days=EXPORT_DAYS)
    listed = [asdict(file) for file in (*files, described)]
    return OperationOutcome({"files": listed, "expires_at": expires_at.isoformat()})


def _documents(
    folder: Path, name: str, documents: Iterable[dict[str, Any]], reporter: Reporter
) -> tuple[ExportedFile, Path]:
    path, records = folder / f"{name}.jsonl", 0
    with path.open("w", encoding="utf-8") as file:
        for document in documents:
            file.write(json.dumps(document, default=_plain, ensure_ascii=False, sort_keys=True) + "\n")
            records += 1
            reporter.step(f"exporting {name}")
    return _described(path, name, records), path


def _rows(
    folder: Path, table: Table, batches: Iterator[pa.RecordBatch], reporter: Reporter
) -> tuple[ExportedFile, Path]:
    import pyarrow.parquet as pq

    path, records, writer = folder / f"{table.name}.parquet", 0, None
    for batch in batches:
        writer = writer or pq.ParquetWriter(path, batch.schema, compression="zstd")
        writer.write_batch(batch)
        records += batch.num_rows
        reporter.step(f"exporting {table.name}")
    if writer is None:
        writer = pq.ParquetWriter(path, _schema(table))
    writer.close()
    return _described(path, table.name, records), path


def _schema(table: Table) -> pa.Schema:
    """The columns of a table as Arrow has them, for one that the client has no rows in."""
    import pyarrow as pa

    types = {
        "STRING": pa.string(),
        "INT64": pa.int64(),
        "FLOAT64": pa.float64(),
        "NUMERIC": pa.decimal128(38, 9),
        "BOOL": pa.bool_(),
        "DATE": pa.date32(),
        "DATETIME": pa.timestamp("us"),
        "TIMESTAMP": pa.timestamp("us", tz="UTC"),
    }
    return pa.schema([(column.name, types[column.type]) for column in table.columns])


def _described(path: Path, source: str, records: int) -> ExportedFile:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return ExportedFile(path.name, source, records, path.stat().st_size, digest.hexdigest())


def _plain(value: object) -> str:
    """What JSON has no type for: times in ISO 8601, bytes in base64."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
