"""The connector of a source, with its secret read now."""

from __future__ import annotations

from shared.config import Config
from shared.connectors.connector import Connector
from shared.domain.imports.data_source import BigQuerySource, SqlSource, database_url
from shared.secrets import secret_value


def connector_of(
    config: Config, client_id: str, source: SqlSource | BigQuerySource, timeout_s: int | None = None
) -> Connector:
    """A connector to the source, one statement of which may take `timeout_s` (default: what the source says).

    Raises SecretNotFound, AddressNotAllowed and HostNotFound.
    """
    limit = min(timeout_s or source.timeout_seconds, source.timeout_seconds)
    if isinstance(source, BigQuerySource):
        from shared.connectors.bigquery import BigQueryConnector

        return BigQueryConnector(config, source.model_copy(update={"timeout_seconds": limit}))
    from shared.connectors.databases import Entrance
    from shared.connectors.sql import SqlConnector

    password = None if source.secret is None else secret_value(config, client_id, source.secret)
    return SqlConnector(Entrance(config, database_url(source.url, "url"), password, limit))
