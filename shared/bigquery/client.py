"""BigQuery's client, one a process, made when it is first asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from shared.config import Config

if TYPE_CHECKING:
    from google.cloud import bigquery


def bigquery_client(config: Config) -> bigquery.Client:
    """Queries, load jobs, tables."""
    return _client(config.project_id, config.region, config.bigquery_emulator_host)


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
