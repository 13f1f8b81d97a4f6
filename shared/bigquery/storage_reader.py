"""The client of BigQuery's Storage Read API, one a process, made when it is first asked for.

It is a package of its own, which only those install who read more than a page of rows.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from shared.config import Config
from shared.grpc_channel import insecure_channel

if TYPE_CHECKING:
    from google.cloud import bigquery_storage


def storage_reader(config: Config) -> bigquery_storage.BigQueryReadClient:
    """The Arrow read API: the one way to read more than a page of rows from BigQuery."""
    return _reader(config.bigquery_storage_emulator_host)


@cache
def _reader(emulator_host: str | None) -> bigquery_storage.BigQueryReadClient:
    from google.cloud import bigquery_storage

    if emulator_host is None:
        return bigquery_storage.BigQueryReadClient()
    from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

    channel = insecure_channel(emulator_host)
    return bigquery_storage.BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))
