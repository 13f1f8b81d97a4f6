"""The dataset beside shared/bigquery/tables.py: what may be added is, anything else is refused with the reason.

BigQuery adds a table or a column that may be null while everything runs. What it cannot do in place (another type,
partition or clustering, a column that must not be null) needs a new table and a copy: a decision, not a migration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.bigquery.client import bigquery_client
from shared.bigquery.dataset import table_definition
from shared.bigquery.tables import TABLES, Table
from shared.bigquery.warehouse import bigquery_schema
from shared.config import Config

if TYPE_CHECKING:
    from google.cloud import bigquery

# As the API names them in its answers.
_ALIASES = {"FLOAT": "FLOAT64", "INTEGER": "INT64", "BOOLEAN": "BOOL"}


class NotAdditiveError(RuntimeError):
    """The dataset differs from the code's tables in what cannot be added to it; the message says in what."""


def add(config: Config, table: Table, columns: tuple[str, ...], *, dry_run: bool) -> int:
    """Add the table, or these columns to it; returns how many tables or columns, 0 where they are there.

    Raises NotAdditiveError.
    """
    client = bigquery_client(config)
    found = _found(config, table)
    if found is None:
        if not dry_run:
            client.create_dataset(f"{config.project_id}.{config.dataset}", exists_ok=True)
            client.create_table(table_definition(config, table), exists_ok=True)
        return 1
    if faults := _faults(table, found):
        raise NotAdditiveError("; ".join(faults))
    there = {field.name for field in found.schema}
    missing = [name for name in columns if name not in there]
    if required := [column.name for column in table.columns if column.name in missing and column.required]:
        raise NotAdditiveError(
            f"{table.name}.{', '.join(required)} must not be null: the rows that are there have none"
        )
    if missing and not dry_run:
        found.schema = [*found.schema, *bigquery_schema(table, missing)]
        client.update_table(found, ["schema"])
    return len(missing)


def check(config: Config) -> list[str]:
    """The columns and tables that the code has and the dataset lacks; raises NotAdditiveError for other differences.

    A column that only the dataset has is one that a later version brought, or that this one no longer uses.
    """
    lacking, faults = [], []
    for table in TABLES:
        found = _found(config, table)
        if found is None:
            lacking.append(table.name)
            continue
        faults += _faults(table, found)
        there = {field.name for field in found.schema}
        lacking += [f"{table.name}.{name}" for name in table.column_names if name not in there]
    if faults:
        raise NotAdditiveError("; ".join(faults))
    return lacking


def _found(config: Config, table: Table) -> bigquery.Table | None:
    from google.api_core.exceptions import NotFound

    try:
        found: bigquery.Table = bigquery_client(config).get_table(f"{config.project_id}.{config.dataset}.{table.name}")
    except NotFound:
        return None
    return found


def _faults(table: Table, found: bigquery.Table) -> list[str]:
    fields = {field.name: field for field in found.schema}
    faults = [
        f"{table.name}.{column.name} is {_type(fields[column.name])}, and is to be {column.type}"
        for column in table.columns
        if column.name in fields and _type(fields[column.name]) != column.type
    ]
    partition = found.time_partitioning
    if partition is None or (partition.field, partition.type_) != (table.partition, table.partition_by):
        stands = "none" if partition is None else f"{partition.field} by {partition.type_}"
        faults.append(
            f"{table.name} has the partition {stands}, and is to have {table.partition} by {table.partition_by}"
        )
    if tuple(found.clustering_fields or ()) != table.cluster:
        faults.append(f"{table.name} is clustered by {found.clustering_fields}, and is to be by {list(table.cluster)}")
    return faults


def _type(field: Any) -> str:
    return _ALIASES.get(field.field_type, field.field_type)
