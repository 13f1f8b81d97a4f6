"""BigQuery's clients, one of each a process, made when they are first asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from shared.config import Config
from shared.grpc_channel import insecure_channel

if TYPE_CHECKING:
    from google.cloud import bigquery, bigquery_storage


def bigquery_client(config: Config) -> bigquery.Client:
    """Queries, load jobs, tables."""
    return _client(config.project_id, config.region, config.bigquery_emulator_host)


def storage_reader(config: Config) -> bigquery_storage.BigQueryReadClient:
    """The Arrow read API: the one way to read more than a page of rows from BigQuery."""
    return _reader(config.bigquery_storage_emulator_host)


@cache
def _client(project_id: str, region: str, emulator_host: str | None) -> bigquery.Client:
    from google.cloud import bigquery

    if emulator_host is None:
        return bigquery.Client(project=project_id, location=region)
    from google.auth.credentials import AnonymousCredentials

    return bigquery.Client(
        project=project_id,
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": emulator_host},
    )


@cache
def _reader(emulator_host: str | None) -> bigquery_storage.BigQueryReadClient:
    from google.cloud import bigquery_storage

    if emulator_host is None:
        return bigquery_storage.BigQueryReadClient()
    from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

    channel = insecure_channel(emulator_host)
    return bigquery_storage.BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))
