"""Create the dataset and its tables where they do not exist: what infra/terraform does in the cloud."""

from __future__ import annotations

from typing import Any

from shared.bigquery.client import bigquery_client
from shared.bigquery.tables import TABLES, Table
from shared.bigquery.warehouse import bigquery_schema
from shared.config import Config


def create_missing(config: Config) -> None:
    """Create the dataset and every table that is not there yet; existing ones are left as they are."""
    client = bigquery_client(config)
    client.create_dataset(f"{config.project_id}.{config.dataset}", exists_ok=True)
    for table in TABLES:
        client.create_table(table_definition(config, table), exists_ok=True)


def table_definition(config: Config, table: Table) -> Any:
    """The table as the BigQuery client takes it."""
    from google.cloud.bigquery import Table as BigQueryTable
    from google.cloud.bigquery import TimePartitioning

    definition = BigQueryTable(f"{config.project_id}.{config.dataset}.{table.name}", schema=bigquery_schema(table))
    definition.time_partitioning = TimePartitioning(type_=table.partition_by, field=table.partition)
    definition.require_partition_filter = True
    definition.clustering_fields = list(table.cluster)
    return definition
