"""Starts bqemulator, under the interpreter of its own virtual environment: it imports bqemulator and nothing of ours.

Corrects where bqemulator 1.4.0 differs from BigQuery and this system depends on it:

- it installs two DuckDB extensions (geography, Avro) from the network at start and exits when it cannot; unused here
- it refuses the part content type that google-cloud-bigquery gives to small uploads
- an uploaded load job gets an id of the emulator's, so that a repeated one loads twice and cannot be looked up
- Parquet columns are matched by position; BigQuery matches them by name
- the Storage Read API knows tables only, not the result of a query
- a row batch of a read stream is always 65,536 rows, and fails above 11 MB; BigQuery's are a few MB
- a query's result that a kill has lost is "not found", as if the caller were wrong; asked again it would be there
- it keeps a full copy of a table at every change, for time travel, and every query result for ever
- it parses a statement some fifteen times to run it, which takes longer than running it
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import pyarrow as pa
import sqlglot
from bqemulator.domain.errors import AlreadyExistsError, DomainError
from bqemulator.jobs import executor
from bqemulator.sql.translator import SQLTranslator
from bqemulator.storage.engine import DuckDBEngine
from bqemulator.streaming import read_session
from bqemulator.versioning.snapshots import SnapshotManager


class _Latest(dict[str, Any]):
    """Results by id: the oldest go when more than `max_bytes` are held, but at least `keep` of them stay readable."""

    def __init__(self, max_bytes: int = 256 << 20, keep: int = 32, max_entries: int = 2_000) -> None:
        super().__init__()
        self._limits = (max_bytes, keep, max_entries)

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        max_bytes, keep, max_entries = self._limits
        while len(self) > keep and (len(self) > max_entries or sum(map(_size, self.values())) > max_bytes):
            del self[next(iter(self))]


class _ResultLostError(DomainError):  # type: ignore[misc]  # bqemulator is not in the environment of the checks
    """To the client's library nothing to wait for, to its caller a backend that was out of reach."""

    http_status = 503
    bq_reason = "stopped"
    grpc_status_name = "UNAVAILABLE"


def _size(result: Any) -> int:
    table = getattr(result, "table", result)
    return int(table.nbytes) if isinstance(table, pa.Table) else 0


# Before the routes are imported: they take these objects by name.
executor.JOB_RESULTS = _Latest()
read_session._SESSIONS = _Latest()

from bqemulator.api.routes import jobs, upload  # noqa: E402
from bqemulator.cli import main  # noqa: E402
from bqemulator.grpc_api import read_servicer  # noqa: E402

_resource_not_found = jobs.resource_not_found
_is_permitted_media_type = upload._is_permitted_media_type
_load_configuration = upload._load_configuration_from_envelope
_new_job_id = upload._new_job_id
_run_load = upload._run_load
_get_stream_data = read_servicer.get_stream_data
_create_read_session = read_servicer.BigQueryReadHandler._handle_create_read_session
_capture_snapshot = SnapshotManager.capture
_parse_one = sqlglot.parse_one
_translate = SQLTranslator.translate

_BATCH_BYTES = 4 << 20
_STATEMENTS = 1_000  # that are remembered as they were parsed and translated
_ONLY_LOOK = frozenset(
    f"bqemulator.{module}"
    for module in (
        "api.routes.jobs",
        "catalog.ddl_sync",
        "jobs.ddl_result",
        "jobs.executor",
        "jobs.routine_ddl",
        "sql.catalog_schema",
        "sql.inner_query",
    )
)
_requested_job_id: ContextVar[str | None] = ContextVar("requested_job_id", default=None)


def _load_configuration_with_job_id(envelope: dict[str, Any]) -> dict[str, Any]:
    return {**_load_configuration(envelope), "jobId": (envelope.get("jobReference") or {}).get("jobId")}


async def _run_load_under_its_id(*, project_id: str, configuration: dict[str, Any], media_path: str, ctx: Any) -> Any:
    job_id = configuration["jobId"]
    if job_id and ctx.catalog.get_job(project_id, job_id) is not None:
        raise AlreadyExistsError(f"Already Exists: Job {project_id}:{job_id}")
    token = _requested_job_id.set(job_id)
    try:
        own = {key: value for key, value in configuration.items() if key != "jobId"}
        return await _run_load(project_id=project_id, configuration=own, media_path=media_path, ctx=ctx)
    finally:
        _requested_job_id.reset(token)


def _load_parquet_by_name(path: str, target_ref: str, ctx: Any) -> None:
    ctx.engine.execute(f"INSERT INTO {target_ref} BY NAME SELECT * FROM read_parquet(?)", [path])  # noqa: S608


def _as_bigquery(field: pa.Field) -> pa.Field:
    """The type BigQuery would give a column: one integer type, one scale of decimals, and none of DuckDB's labels."""
    kind = field.type
    if pa.types.is_integer(kind) or (field.metadata or {}).get(b"bqemu.duckdb_type") == b"HUGEINT":
        kind = pa.int64()
    elif pa.types.is_decimal(kind):
        kind = pa.decimal128(38, 9)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        kind = pa.list_(_as_bigquery(kind.value_field))
    elif pa.types.is_struct(kind):
        kind = pa.struct([_as_bigquery(member) for member in kind])
    return pa.field(field.name, kind)


def _read_session_of_result(self: Any, request_bytes: bytes, context: Any) -> bytes:
    """CreateReadSession, also for the anonymous table that a query's result is."""
    from google.cloud.bigquery_storage_v1 import types

    request = types.CreateReadSessionRequest.deserialize(request_bytes)
    _, project, _, dataset, _, table = request.read_session.table.split("/")
    if dataset != executor._ANONYMOUS_RESULTS_DATASET:
        return _create_read_session(self, request_bytes, context)
    name = table.removeprefix("anon")
    result = next((rows for job, rows in list(executor.JOB_RESULTS.items()) if job.replace("-", "") == name), None)
    if result is None:
        return context.abort(read_servicer.grpc.StatusCode.NOT_FOUND, f"no result of a query is kept as {table}")
    result = result.cast(pa.schema([_as_bigquery(field) for field in result.schema]))
    fields = list(request.read_session.read_options.selected_fields)
    session = read_session.create_read_session(
        project, request.read_session.table, result, request.max_stream_count or 1, fields or None
    )
    response = read_servicer._build_read_session_response(
        state=session,
        read_session=request.read_session,
        session_format=read_session.FORMAT_ARROW,
        wire_format=types.DataFormat.ARROW,
        arrow_table=session.table,
    )
    return types.ReadSession.serialize(response)


def _stream_in_small_chunks(session_name: str, stream_name: str) -> pa.Table | None:
    """The rows of a stream; each chunk becomes a batch."""
    table = _get_stream_data(session_name, stream_name)
    if table is None or table.nbytes <= _BATCH_BYTES:
        return table
    rows = max(1, table.num_rows * _BATCH_BYTES // table.nbytes)
    return pa.concat_tables([table.slice(start, rows) for start in range(0, table.num_rows, rows)])


def _not_found(resource: Any) -> DomainError:
    if sys._getframe(1).f_code.co_name == jobs.get_query_results.__name__:
        return _ResultLostError("the result of the query is lost: send it again")
    return _resource_not_found(resource)


class _Frozen(dict[str, Any]):
    """A schema that is a key of a cache, by what it says."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(repr(self))


@lru_cache(maxsize=_STATEMENTS)
def _parsed(sql: str, dialect: str) -> Any:
    return _parse_one(sql, read=dialect)


def _parsed_once(sql: Any, read: Any = None, **options: Any) -> Any:
    """The same tree for those who only look at it, one of its own for anyone who may change it."""
    if options or not isinstance(read, str):
        return _parse_one(sql, read=read, **options)
    tree = _parsed(sql, read)
    return tree if sys._getframe(1).f_globals["__name__"] in _ONLY_LOOK else tree.copy()


@lru_cache(maxsize=_STATEMENTS)
def _translated(self: SQLTranslator, sql: str, schema: _Frozen | None, caller: Any) -> Any:
    return _translate(self, sql, schema=schema, caller=caller)


def _translated_once(self: SQLTranslator, sql: str, *, schema: Any = None, caller: Any = None) -> Any:
    return _translated(self, sql, None if schema is None else _Frozen(schema), caller)


jobs.resource_not_found = _not_found
DuckDBEngine._load_spatial = lambda self: None
DuckDBEngine._load_format_extensions = lambda self: None
SnapshotManager.capture = lambda self, *table, kind="AUTO": (
    None if kind == "AUTO" else _capture_snapshot(self, *table, kind=kind)
)
sqlglot.parse_one = _parsed_once  # type: ignore[assignment]
SQLTranslator.translate = _translated_once
executor.rewrite_table_refs = lru_cache(maxsize=_STATEMENTS)(executor.rewrite_table_refs)
executor._LOAD_FORMAT_HANDLERS["PARQUET"] = _load_parquet_by_name
read_servicer.get_stream_data = _stream_in_small_chunks
read_servicer.BigQueryReadHandler._handle_create_read_session = _read_session_of_result
upload._is_permitted_media_type = lambda media_type: media_type == "*/*" or _is_permitted_media_type(media_type)
upload._load_configuration_from_envelope = _load_configuration_with_job_id
upload._new_job_id = lambda: _requested_job_id.get() or _new_job_id()
upload._run_load = _run_load_under_its_id

if __name__ == "__main__":
    main()
