"""One tenant's demand history in BigQuery: the only place that sends a query, a load job or a MERGE.

SQL names its tables as `{ts_demand_daily}`; the names come from `tables.TABLES` and nothing else. Values always travel
as query parameters, `@client_id` is bound for every query, and a query that does not filter on it or on the partition
column of each table it reads is refused here: neither the emulator nor a forgiving reviewer would notice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from shared.bigquery.tables import TABLES, Table
from shared.config import Config

if TYPE_CHECKING:
    import pyarrow as pa
    from google.cloud import bigquery

_TABLES_BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}
_PARAMETER_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "BOOL"),
    (int, "INT64"),
    (float, "FLOAT64"),
    (Decimal, "NUMERIC"),
    (str, "STRING"),
    (dt.datetime, "TIMESTAMP"),
    (dt.date, "DATE"),
)
_MAXIMUM_BYTES_BILLED = 200 * 1024**3
_STAGING_LIFETIME = dt.timedelta(days=1)
_QUERY_TIMEOUT_S = 300.0
_LOAD_ATTEMPTS = 3
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

    def rows(self, sql: str, **parameters: Parameter) -> list[dict[str, Any]]:
        """The result as dictionaries; for what fits a page. Needs neither pyarrow nor pandas."""
        return [dict(row) for row in self._query(sql, parameters).result(timeout=_QUERY_TIMEOUT_S)]

    def arrow(self, sql: str, **parameters: Parameter) -> pa.Table:
        """The result as an Arrow table through the Storage Read API; for what does not fit a page."""
        result = self._query(sql, parameters).result(timeout=_QUERY_TIMEOUT_S)
        return result.to_arrow(bqstorage_client=self._config.bigquery_storage)

    def batches(self, sql: str, **parameters: Parameter) -> Iterator[pa.RecordBatch]:
        """The result as Arrow batches as they arrive; for what is made smaller before it is kept."""
        result = self._query(sql, parameters).result(timeout=_QUERY_TIMEOUT_S)
        return result.to_arrow_iterable(bqstorage_client=self._config.bigquery_storage)

    def change(self, sql: str, **parameters: Parameter) -> int:
        """Run a MERGE of the tenant's own rows; returns how many rows it changed."""
        job = self._query(sql, parameters)
        job.result(timeout=_QUERY_TIMEOUT_S)
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
        values = [name for name in staging.columns if name not in table.key]
        differs, same_key, window = _conditions(table, staging)
        target, source = f"`{self._full_name(table.name)}`", f"`{self._full_name(staging.name)}`"
        inserted = ", ".join(staging.columns)
        delete = ""
        if replace_window:
            # As rows of the source: with WHEN NOT MATCHED BY SOURCE the emulator takes 10 minutes for 500,000 rows.
            source = (
                f"(SELECT {inserted}, FALSE AS gone FROM {source} UNION ALL "  # noqa: S608
                f"SELECT {inserted}, TRUE AS gone FROM {target} T WHERE {window} "
                f"AND NOT EXISTS (SELECT 1 FROM {source} S WHERE {same_key}))"
            )
            delete = "WHEN MATCHED AND S.gone THEN DELETE\n"
        statement = (  # identifiers come from the table definitions, values are bound
            f"MERGE {target} T USING {source} S\n"  # noqa: S608
            f"ON {window} AND {same_key}\n{delete}"
            f"WHEN MATCHED AND ({differs}) THEN UPDATE SET {', '.join(f'{name} = S.{name}' for name in values)}\n"
            f"WHEN NOT MATCHED THEN INSERT ({inserted}) VALUES ({', '.join(f'S.{name}' for name in staging.columns)})"
        )
        job = self._run(statement, {"first": first, "last": last})
        job.result(timeout=_QUERY_TIMEOUT_S)
        return job.num_dml_affected_rows or 0

    def preview(self, table: Table, staging: Staging, first: dt.date, last: dt.date) -> MergePreview:
        """What `merge` with the same arguments would do, without doing it."""
        differs, same_key, window = _conditions(table, staging)
        statement = (
            f"SELECT COUNTIF(T.client_id IS NULL) AS inserted, "  # noqa: S608
            f"COUNTIF(T.client_id IS NOT NULL AND ({differs})) AS updated, "
            f"COUNTIF(T.client_id IS NOT NULL AND NOT ({differs})) AS unchanged,\n"
            f"(SELECT COUNT(*) FROM `{self._full_name(table.name)}` T WHERE {window}) AS stored\n"
            f"FROM `{self._full_name(staging.name)}` S "
            f"LEFT JOIN (SELECT * FROM `{self._full_name(table.name)}` T WHERE {window}) T ON {same_key}"
        )
        (found,) = self._run(statement, {"first": first, "last": last}).result(timeout=_QUERY_TIMEOUT_S)
        matched = found["updated"] + found["unchanged"]
        return MergePreview(found["inserted"], found["updated"], found["unchanged"], found["stored"] - matched)

    def drop(self, staging: Staging) -> None:
        """Remove a staging table; one that is left behind expires after a day."""
        self._config.bigquery.delete_table(self._full_name(staging.name), not_found_ok=True)

    def _query(self, sql: str, parameters: Mapping[str, Parameter]) -> bigquery.QueryJob:
        tables = [_TABLES_BY_NAME[name] for name in re.findall(r"\{(\w+)\}", sql)]
        for table in tables:
            if "@client_id" not in sql or not re.search(rf"\b{table.partition}\b", sql):
                raise UnguardedQueryError(f"a query on {table.name} must filter on client_id and {table.partition}")
        names = {table.name: f"`{self._full_name(table.name)}`" for table in tables}
        return self._run(sql.format_map(names), parameters)

    def _run(self, statement: str, parameters: Mapping[str, Parameter]) -> bigquery.QueryJob:
        from google.cloud import bigquery

        bound = [_parameter(name, value) for name, value in {**parameters, "client_id": self._client_id}.items()]
        job_config = bigquery.QueryJobConfig(query_parameters=bound, maximum_bytes_billed=_MAXIMUM_BYTES_BILLED)
        # The library's own outer retry of a whole job goes on for ten minutes; a task is repeated by its queue instead.
        return self._config.bigquery.query(
            statement,
            job_config=job_config,
            retry=bigquery.DEFAULT_RETRY.with_timeout(_SUBMIT_RETRY_S),
            timeout=_SUBMIT_TIMEOUT_S,
            job_retry=None,
        )

    def _load(
        self, table: Table, name: str, parquet: BinaryIO, job_id: str, columns: Sequence[str], *, replace: bool
    ) -> int:
        from google.api_core.exceptions import BadRequest, Conflict
        from google.cloud import bigquery

        client = self._config.bigquery
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
        for attempt in range(_LOAD_ATTEMPTS):
            numbered = f"{job_id}-{attempt}"
            try:
                job: Any = client.load_table_from_file(
                    parquet, self._full_name(name), job_id=numbered, job_config=job_config, rewind=True
                )
            except Conflict:  # an earlier attempt of this step submitted it: its outcome counts
                job = client.get_job(numbered)
            try:
                job.result(timeout=_QUERY_TIMEOUT_S)
            except BadRequest:
                if attempt == _LOAD_ATTEMPTS - 1:
                    raise
                continue  # a failed job keeps its id for good: the next number
            return int(job.output_rows or 0)
        raise AssertionError("unreachable")

    def _full_name(self, table: str) -> str:
        return f"{self._config.project_id}.{self._config.dataset}.{table}"

    def _digest(self, job_id: str) -> str:
        return hashlib.sha256(f"{self._client_id}\0{job_id}".encode()).hexdigest()[:24]


def _conditions(table: Table, staging: Staging) -> tuple[str, str, str]:
    """(a staged row differs from the stored one, they have the same key, a stored row is in the tenant's window).

    `run_id` and `computed_at` say who last changed a row, so they do not count as a difference.
    """
    compared = [name for name in staging.columns if name not in (*table.key, "run_id", "computed_at")]
    differs = " OR ".join(f"T.{name} IS DISTINCT FROM S.{name}" for name in compared)
    same_key = " AND ".join(f"T.{name} = S.{name}" for name in table.key)
    window = f"T.client_id = @client_id AND T.{table.partition} BETWEEN @first AND @last"
    return differs, same_key, window


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
