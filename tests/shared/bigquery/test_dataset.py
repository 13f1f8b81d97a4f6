"""The dataset as the local stack creates it."""

from __future__ import annotations

import pytest

from shared.bigquery.client import bigquery_client
from shared.bigquery.dataset import create_missing
from shared.bigquery.tables import TABLES, Table
from shared.config import config


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_tables_are_defined_soundly(table: Table) -> None:
    names = table.column_names
    assert len(set(names)) == len(names)
    assert names[0] == "client_id"
    assert table.partition in names
    assert set(table.cluster) <= set(names)
    assert table.cluster[0] == table.key[0] == "client_id"
    required = {column.name for column in table.columns if column.required}
    assert set(table.key) | {table.partition} <= required


def test_creating_them_again_leaves_them_as_they_are(running: object) -> None:
    create_missing(config())
    for table in TABLES:
        found = bigquery_client(config()).get_table(f"{config().project_id}.{config().dataset}.{table.name}")
        assert tuple(field.name for field in found.schema) == table.column_names
        assert found.time_partitioning.field == table.partition
        assert tuple(found.clustering_fields) == table.cluster
