"""One tenant's demand history in BigQuery: the only place that sends a query, a load job or a MERGE.

Queries are those of the folder `sql`, over the tables of `tables.TABLES` and no others. Values always travel as query
parameters, `@client_id` is bound for every query, and a query that does not filter on it for each table it reads, or
not on the table's partition column, is refused here: neither the emulator nor a forgiving reviewer would notice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from shared.bigquery.client import bigquery_client
from shared.bigquery.query import Query, Row, RowQuery
from shared.bigquery.storage_reader import storage_reader
from shared.bigquery.tables import TABLES, Table
from shared.config import Config
from shared.telemetry.spans import call_made
from shared.telemetry.work_record import current_record, timing

if TYPE_CHECKING:
    import pyarrow as pa
    from google.cloud import bigquery

    from shared.bigquery.client_rows import ClientRows
    from shared.bigquery.merge import Merge

_TABLES_BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}
_CLIENT_FILTER = r"\bclient_id = @client_id\b"
_PARAMETER_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "BOOL"),
    (int, "INT64"),
    (float, "FLOAT64"),
    (Decimal, "NUMERIC"),
    (str, "STRING"),
    (dt.datetime, "TIMESTAMP"),
    (dt.date, "DATE"),
)
_EVERY_DAY: Mapping[str, dt.date] = {"first": dt.date(1, 1, 1), "last": dt.date(9999, 12, 31)}
_MAXIMUM_BYTES_BILLED = 200 * 1024**3
_STAGING_LIFETIME = dt.timedelta(days=1)
_QUERY_TIMEOUT_S = 300.0
_LOAD_ATTEMPTS = 3  # of one attempt at a step
_MOST_LOADS = 100  # of all its attempts
# Submitting is quick; a request that waits for BigQuery is to get its 503 in seconds.
_SUBMIT_TIMEOUT_S = 8.0
_SUBMIT_RETRY_S = 5.0

Parameter = bool | int | float | Decimal | str | dt.date | dt.datetime | Sequence[str]


class UnguardedQueryError(ValueError):
    """A query does not filter on the tenant or on a partition column."""


@dataclass(frozen=True)
class MergePreview:
    """What a MERGE of staged rows would find: rows to insert, to update, already equal, and stored ones not staged."""

    inserted: int
    updated: int
    unchanged: int
    not_staged: int


@dataclass(frozen=True)
class Staging:
    """A loaded staging table: its full name and how many rows it holds."""

    name: str
    rows: int
    columns: tuple[str, ...]


class Warehouse:
    """A tenant's view of the dataset."""

    def __init__(self, config: Config, client_id: str) -> None:
        self._config = config
        self._client_id = client_id

    def rows(self, query: RowQuery[Row], **parameters: Parameter) -> list[Row]:
        """The result as the query's rows; for what fits a page. Needs neither pyarrow nor pandas."""
        result = _result(self._query(query, parameters), query.name)
        columns = tuple(field.name for field in result.schema)
        if columns != query.row._fields:
            raise TypeError(f"query {query.name} has the columns {columns}, its rows {query.row._fields}")
        return [query.row._make(row) for row in result]

    def arrow(self, query: Query, **parameters: Parameter) -> pa.Table:
        """The result as an Arrow table through the Storage Read API; for what does not fit a page."""
        result = _result(self._query(query, parameters), query.name)
        return result.to_arrow(bqstorage_client=storage_reader(self._config))

    def batches(self, query: Query, **parameters: Parameter) -> Iterator[pa.RecordBatch]:
        """The result as Arrow batches as they arrive; for what is made smaller before it is kept."""
        result = _result(self._query(query, parameters), query.name)
        return result.to_arrow_iterable(bqstorage_client=storage_reader(self._config))

    def change(self, query: Query, **parameters: Parameter) -> int:
        """Run a MERGE of the tenant's own rows; returns how many rows it changed."""
        job = self._query(query, parameters)
        _result(job, query.name)
        return job.num_dml_affected_rows or 0

    def stage(self, table: Table, parquet: BinaryIO, job_id: str, columns: Sequence[str] | None = None) -> Staging:
        """Load a Parquet file into a staging table of its own, replacing what an earlier attempt left there.

        `columns` are the table's columns that the file holds (default: all). The job id is made from `job_id`, so a
        repeated step finds its first load instead of loading again.
        """
        chosen = tuple(columns or table.column_names)
        name = f"_staging_{table.name}_{self._digest(job_id)}"
        rows = self._load(table, name, parquet, f"stage-{table.name}-{self._digest(job_id)}", chosen, replace=True)
        return Staging(name, rows, chosen)

    def append(self, table: Table, parquet: BinaryIO, job_id: str) -> None:
        """Load a Parquet file straight into the table, once per `job_id`."""
        name = f"append-{table.name}-{self._digest(job_id)}"
        self._load(table, table.name, parquet, name, table.column_names, replace=False)

    def merge(self, table: Table, staging: Staging, first: dt.date, last: dt.date, replace_window: bool = False) -> int:
        """Upsert the staged rows, all within [first, last] of the partition column; returns how many rows changed.

        Rows that are equal stay untouched; `run_id` says who last changed a row, so it is no difference. With
        `replace_window` the tenant's rows in the window that the file does not hold are deleted.
        """
        statement = self._merge(table, staging).statement(replace_window=replace_window)
        job = self._run(statement, {"first": first, "last": last})
        _result(job, f"merge_{table.name}")
        return job.num_dml_affected_rows or 0

    def preview(self, table: Table, staging: Staging, first: dt.date, last: dt.date) -> MergePreview:
        """What `merge` with the same arguments would do, without doing it."""
        job = self._run(self._merge(table, staging).preview(), {"first": first, "last": last})
        (counts,) = _result(job, f"preview_{table.name}")
        matched = counts["updated"] + counts["unchanged"]
        return MergePreview(counts["inserted"], counts["updated"], counts["unchanged"], counts["stored"] - matched)

    def stored_batches(self, table: Table) -> Iterator[pa.RecordBatch]:
        """All of the client's rows in the table, as Arrow batches as they arrive."""
        result = _result(self._run(self._all_rows(table).select(), _EVERY_DAY), f"select_all_{table.name}")
        return result.to_arrow_iterable(bqstorage_client=storage_reader(self._config))

    def stored_count(self, table: Table) -> int:
        """How many rows the client has in the table."""
        (counted,) = _result(self._run(self._all_rows(table).count(), _EVERY_DAY), f"count_{table.name}")
        return int(counted["stored"])

    def delete_all(self, table: Table, job_id: str) -> None:
        """Delete all of the client's rows in the table, by one job for each `job_id`: a repeated step finds its own."""
        from google.api_core.exceptions import Conflict

        name = f"delete-{table.name}-{self._digest(job_id)}"
        try:
            job: Any = self._run(self._all_rows(table).delete(), _EVERY_DAY, name)
        except Conflict:
            job = bigquery_client(self._config).get_job(name)
        _result(job, f"delete_all_{table.name}")

    def drop(self, staging: Staging) -> None:
        """Remove a staging table; one that is left behind expires after a day."""
        bigquery_client(self._config).delete_table(self._full_name(staging.name), not_found_ok=True)

    def _query(self, query: Query, parameters: Mapping[str, Parameter]) -> bigquery.QueryJob:
        tables = [_TABLES_BY_NAME[name] for name in query.tables]
        filters = len(re.findall(_CLIENT_FILTER, query.text))
        for table in tables:
            if filters < len(tables) or not re.search(rf"\b{table.partition}\b", query.text):
                raise UnguardedQueryError(f"a query on {table.name} must filter on client_id and {table.partition}")
        return self._run(query.qualified(f"{self._config.project_id}.{self._config.dataset}"), parameters)

    def _merge(self, table: Table, staging: Staging) -> Merge:
        from shared.bigquery.merge import Merge

        return Merge(table, staging.columns, self._full_name(table.name), self._full_name(staging.name))

    def _all_rows(self, table: Table) -> ClientRows:
        from shared.bigquery.client_rows import ClientRows

        return ClientRows(table, self._full_name(table.name))

    def _run(self, statement: str, parameters: Mapping[str, Parameter], job_id: str | None = None) -> bigquery.QueryJob:
        from google.cloud import bigquery

        bound = [_parameter(name, value) for name, value in {**parameters, "client_id": self._client_id}.items()]
        job_config = bigquery.QueryJobConfig(query_parameters=bound, maximum_bytes_billed=_MAXIMUM_BYTES_BILLED)
        # The library's own outer retry of a whole job goes on for ten minutes; a task is repeated by its queue instead.
        with timing("bigquery"):
            return bigquery_client(self._config).query(
                statement,
                job_config=job_config,
                job_id=job_id,
                retry=bigquery.DEFAULT_RETRY.with_timeout(_SUBMIT_RETRY_S),
                timeout=_SUBMIT_TIMEOUT_S,
                job_retry=None,
            )

    def _load(
        self, table: Table, name: str, parquet: BinaryIO, job_id: str, columns: Sequence[str], *, replace: bool
    ) -> int:
        from google.api_core.exceptions import Conflict, GoogleAPICallError
        from google.cloud import bigquery

        client = bigquery_client(self._config)
        schema = bigquery_schema(table, columns)
        if replace:
            target = bigquery.Table(self._full_name(name), schema=schema)
            target.expires = dt.datetime.now(dt.UTC) + _STAGING_LIFETIME
            client.create_table(target, exists_ok=True)
        job_config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            schema=schema,
            write_disposition="WRITE_TRUNCATE" if replace else "WRITE_APPEND",
        )
        submitted = 0
        for number in range(_MOST_LOADS):
            numbered = f"{job_id}-{number}"
            try:
                job: Any = client.load_table_from_file(
                    parquet, self._full_name(name), job_id=numbered, job_config=job_config, rewind=True
                )
                submitted += 1
            except Conflict:  # an earlier attempt of this step submitted it: its outcome counts
                job = client.get_job(numbered)
            try:
                job.result(timeout=_QUERY_TIMEOUT_S)
            except GoogleAPICallError:
                # A failed job, of an earlier attempt or of this one, loaded nothing and keeps its id for good: the next
                # number. Anything else that went wrong says nothing about the job.
                if job.error_result is None or submitted >= _LOAD_ATTEMPTS:
                    raise
                continue
            return int(job.output_rows or 0)
        raise RuntimeError(f"{_MOST_LOADS} load jobs {job_id!r} have failed")

    def _full_name(self, table: str) -> str:
        return f"{self._config.project_id}.{self._config.dataset}.{table}"

    def _digest(self, job_id: str) -> str:
        return hashlib.sha256(f"{self._client_id}\0{job_id}".encode()).hexdigest()[:24]


def _result(job: bigquery.QueryJob, name: str) -> Any:
    """The rows of a query, once it has ended; what it read and is billed for is noted with the current work."""
    began = time.perf_counter()
    try:
        return job.result(timeout=_QUERY_TIMEOUT_S)
    finally:
        seconds, processed, billed = time.perf_counter() - began, job.total_bytes_processed, job.total_bytes_billed
        record = current_record.get()
        if record is not None:
            record.bigquery(seconds, processed or 0, billed or 0)
        call_made(f"bigquery {name}", seconds, {"bytes_processed": processed or 0, "bytes_billed": billed or 0})


def bigquery_schema(table: Table, columns: Sequence[str] | None = None) -> list[bigquery.SchemaField]:
    """The schema of a table, or of some of its columns, as the BigQuery client takes it."""
    from google.cloud import bigquery

    return [
        bigquery.SchemaField(column.name, column.type, mode="REQUIRED" if column.required else "NULLABLE")
        for column in table.columns
        if columns is None or column.name in columns
    ]


def _parameter(name: str, value: Parameter) -> Any:
    from google.cloud import bigquery

    if isinstance(value, Sequence) and not isinstance(value, str):
        return bigquery.ArrayQueryParameter(name, "STRING", list(value))
    for type_, bigquery_type in _PARAMETER_TYPES:
        if isinstance(value, type_):
            return bigquery.ScalarQueryParameter(name, bigquery_type, value)
    raise TypeError(f"parameter {name}: {type(value).__name__} cannot be sent to BigQuery")
