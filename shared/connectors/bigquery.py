"""A dataset in BigQuery, of this project or of another one, as a source; needs no pyarrow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from shared.bigquery.client import bigquery_client
from shared.config import Config
from shared.connectors import connector
from shared.connectors.cells import frame_of, with_offset
from shared.connectors.connector import (
    DayWindow,
    Extract,
    SourceDenied,
    SourceQueryFailed,
    SourceTooExpensive,
    SourceTooSlow,
    SourceUnreachable,
)
from shared.connectors.statement import Dialect, Statement, described, selected
from shared.domain.imports.data_source import BigQuerySource, Entity
from shared.imports.readers.frames import text_batches
from shared.imports.readers.record_source import RecordSource, batch_rows, column_names

if TYPE_CHECKING:
    from google.cloud import bigquery

_DIALECT = Dialect(lambda name: f"`{name.replace('`', '')}`", lambda name: f"@{name}")
_SUBMIT_TIMEOUT_S = 30.0
_TYPES = {
    **dict.fromkeys(("INTEGER", "INT64", "FLOAT", "FLOAT64", "NUMERIC", "BIGNUMERIC"), connector.NUMBER),
    "STRING": connector.TEXT,
    "BOOLEAN": connector.BOOLEAN,
    "BOOL": connector.BOOLEAN,
    "DATE": connector.DATE,
    "DATETIME": connector.LOCAL_TIME,
    "TIMESTAMP": connector.INSTANT,
}


class BigQueryConnector:
    """Reads by jobs of our own project; the function's account needs jobUser here and dataViewer there."""

    def __init__(self, config: Config, source: BigQuerySource) -> None:
        self._config = config
        self._source = source

    def extract(self, entity: Entity, window: DayWindow | None = None, limit: int | None = None) -> Extract:
        """As connector.Connector has it."""
        columns = self._columns(entity, window)
        statement = selected(entity, _DIALECT, window, columns)
        if limit is not None:
            statement = statement.limited(limit)
        rows, zone = batch_rows(len(columns)), entity.time_zone
        instants = frozenset(name for name, kind in columns.items() if kind == connector.INSTANT)
        local = [name for name, kind in columns.items() if zone is not None and kind == connector.LOCAL_TIME]

        def frames() -> Iterator[pl.DataFrame]:
            with self._problems():
                job = self._job(statement, dry_run=False)
                found = iter(job.result(page_size=rows, timeout=self._source.timeout_seconds))
                while some := [tuple(row.values()) for row in islice(found, rows)]:
                    frame = frame_of(some, list(columns), instants)
                    yield frame.with_columns(with_offset(name, zone or "UTC") for name in local)

        header = tuple(columns)
        return Extract(RecordSource(header, lambda: text_batches(frames(), header), typed=frozenset(header)), columns)

    def close(self) -> None:
        """The client is the process's own."""

    def _columns(self, entity: Entity, window: DayWindow | None) -> dict[str, str]:
        """By a dry run, which costs nothing, and says what the query itself would; raises SourceTooExpensive."""
        asked = described(entity, _DIALECT, window)
        with self._problems():
            job = self._job(asked, dry_run=True)
            if (job.total_bytes_processed or 0) > self._source.maximum_bytes_billed:
                raise SourceTooExpensive(
                    f"the query would read {job.total_bytes_processed:,} bytes; maximum_bytes_billed allows "
                    f"{self._source.maximum_bytes_billed:,}"
                )
            schema = job.schema or self._job(asked, dry_run=False).result(timeout=self._source.timeout_seconds).schema
        names = column_names([field.name for field in schema])
        return {name: _type(field) for name, field in zip(names, schema, strict=True)}

    def _job(self, statement: Statement, *, dry_run: bool) -> bigquery.QueryJob:
        from google.cloud import bigquery

        source = self._source
        job_config = bigquery.QueryJobConfig(
            default_dataset=bigquery.DatasetReference(source.project, source.dataset),
            query_parameters=[_parameter(name, value) for name, value in statement.values.items()],
            maximum_bytes_billed=source.maximum_bytes_billed,
            dry_run=dry_run,
            use_query_cache=not dry_run,
        )
        job_config.job_timeout_ms = source.timeout_seconds * 1000
        return bigquery_client(self._config).query(
            statement.text,
            job_config=job_config,
            location=source.location,
            timeout=_SUBMIT_TIMEOUT_S,
            job_retry=None,
            retry=bigquery.DEFAULT_RETRY.with_timeout(_SUBMIT_TIMEOUT_S),
        )

    @contextmanager
    def _problems(self) -> Iterator[None]:
        """What BigQuery answers becomes the connector's errors."""
        from concurrent.futures import TimeoutError as JobTimeout

        from google.api_core.exceptions import (
            BadRequest,
            Forbidden,
            GatewayTimeout,
            GoogleAPICallError,
            NotFound,
            RetryError,
        )
        from google.auth.exceptions import GoogleAuthError
        from requests.exceptions import RequestException

        try:
            yield
        except Forbidden as error:
            if "bytesBilledLimitExceeded" in str(error):
                raise SourceTooExpensive(f"BigQuery refuses: {_said(error)}") from error
            raise SourceDenied(f"BigQuery refuses: {_said(error)}") from error
        except (JobTimeout, GatewayTimeout) as error:
            raise SourceTooSlow(f"the query took longer than {self._source.timeout_seconds} s") from error
        except (BadRequest, NotFound) as error:
            if "timed out" in str(error).lower() or "stopped" in str(error).lower():
                raise SourceTooSlow(f"the query took longer than {self._source.timeout_seconds} s") from error
            raise SourceQueryFailed(f"BigQuery cannot run the query: {_said(error)}") from error
        except (GoogleAPICallError, RetryError, GoogleAuthError, RequestException) as error:
            raise SourceUnreachable("BigQuery does not answer now") from error


def _said(error: Any) -> str:
    """The first line of what BigQuery says, without addresses of its API."""
    listed: list[Mapping[str, Any]] = list(getattr(error, "errors", None) or ())
    text = str(listed[0].get("message") or "") if listed else ""
    return (text or str(getattr(error, "message", error))).partition("\n")[0][:500]


def _type(field: bigquery.SchemaField) -> str:
    return connector.OTHER if field.mode == "REPEATED" else _TYPES.get(field.field_type, connector.OTHER)


def _parameter(name: str, value: Any) -> bigquery.ScalarQueryParameter:
    from google.cloud import bigquery

    if isinstance(value, dt.datetime):
        return bigquery.ScalarQueryParameter(name, "DATETIME" if value.tzinfo is None else "TIMESTAMP", value)
    return bigquery.ScalarQueryParameter(name, "DATE", value)
