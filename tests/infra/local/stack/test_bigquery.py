from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from google.api_core.exceptions import Conflict, ServiceUnavailable
from google.cloud import bigquery

from infra.local.stack.bigquery import BigQuery
from infra.local.stack.process import ComponentError
from shared.bigquery.client import bigquery_client
from shared.bigquery.storage_reader import storage_reader
from shared.config import Config

pytestmark = pytest.mark.integration

SCHEMA = [
    bigquery.SchemaField("client_id", "STRING", "REQUIRED"),
    bigquery.SchemaField("item_id", "STRING", "REQUIRED"),
    bigquery.SchemaField("day", "DATE", "REQUIRED"),
    bigquery.SchemaField("units", "NUMERIC"),
    bigquery.SchemaField("mean", "FLOAT64"),
]


@pytest.fixture(scope="module")
def component(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BigQuery]:
    folder = tmp_path_factory.mktemp("bigquery")
    with BigQuery(folder / "bigquery.log", folder / "data") as started:
        yield started


@pytest.fixture(scope="module")
def config(component: BigQuery) -> Config:
    env = {
        "GOOGLE_CLOUD_PROJECT": "stockcast-test",
        "STOCKCAST_FUNCTION_URL": "http://127.0.0.1:9/{function}",
    }
    made = Config.from_env(env | component.env)
    bigquery_client(made).create_dataset("inventory")
    return made


def rows(count: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "client_id": ["demo"] * count,
            "item_id": [f"I{number}" for number in range(count)],
            "day": [dt.date(2011, 10, 13)] * count,
            "units": pl.Series(range(count)).cast(pl.Decimal(20, 3)),
            "mean": [number / 2 for number in range(count)],
        }
    )


def load(config: Config, table: str, frame: pl.DataFrame, job_id: str) -> bigquery.LoadJob:
    file = io.BytesIO()
    frame.write_parquet(file)
    options = bigquery.LoadJobConfig(source_format="PARQUET", schema=SCHEMA, write_disposition="WRITE_APPEND")
    target = f"{config.project_id}.inventory.{table}"
    return bigquery_client(config).load_table_from_file(file, target, job_config=options, job_id=job_id, rewind=True)


def finished(config: Config, sql: str) -> bigquery.QueryJob:
    options = bigquery.QueryJobConfig(default_dataset=f"{config.project_id}.inventory")
    job = bigquery_client(config).query(sql, job_config=options)
    job.result()
    return job


def query(config: Config, sql: str) -> bigquery.table.RowIterator:
    return finished(config, sql).result()


def test_an_uploaded_job_keeps_its_id_and_is_not_done_twice(config: Config) -> None:
    for count in (3, 3_000):  # sent at once, and in pieces
        table, job_id = f"loaded_{count}", f"load-{count}"
        load(config, table, rows(count), job_id).result()
        with pytest.raises(Conflict):
            load(config, table, rows(count), job_id)
        found = bigquery_client(config).get_job(job_id)
        assert isinstance(found, bigquery.LoadJob)
        assert (found.state, found.output_rows, found.error_result) == ("DONE", count, None)
        assert next(iter(query(config, f"SELECT COUNT(*) AS n FROM {table}"))).n == count


def test_columns_of_a_file_are_found_by_name(config: Config) -> None:
    load(config, "by_name", rows(2).select("units", "day", "client_id", "item_id"), "load-by-name").result()
    (first, _) = query(config, "SELECT * FROM by_name ORDER BY item_id")
    assert dict(first.items()) == {
        "client_id": "demo", "item_id": "I0", "day": dt.date(2011, 10, 13), "units": Decimal(0), "mean": None
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore:Retrieving Arrow record batches directly:PendingDeprecationWarning")
def test_the_result_of_a_query_is_read_as_arrow_with_bigquerys_types(config: Config) -> None:
    load(config, "wide", rows(70_000), "load-wide").result()
    sql = """
        SELECT item_id, day, units, mean, SUM(units) OVER () AS total, COUNT(*) OVER () AS some,
          1 AS one, [1, 2] AS several, STRUCT(1 AS a) AS nested
        FROM wide WHERE client_id = 'demo'
    """
    table = query(config, sql).to_arrow(bqstorage_client=storage_reader(config))
    assert table.num_rows == 70_000
    assert dict(zip(table.schema.names, table.schema.types, strict=True)) == {
        "item_id": pa.string(),
        "day": pa.date32(),
        "units": pa.decimal128(38, 9),
        "mean": pa.float64(),
        "total": pa.decimal128(38, 9),
        "some": pa.int64(),
        "one": pa.int64(),
        "several": pa.list_(pa.field("l", pa.int64())),
        "nested": pa.struct([pa.field("a", pa.int64())]),
    }
    assert table["total"][0].as_py() == sum(range(70_000))


def test_a_merge_changes_only_what_differs(config: Config) -> None:
    load(config, "target", rows(10), "load-target").result()
    changed = rows(12).with_columns(mean=pl.when(pl.col("item_id") == "I3").then(99.0).otherwise(pl.col("mean")))
    load(config, "staging", changed, "load-staging").result()
    sql = """
        MERGE target T USING staging S ON T.client_id = S.client_id AND T.item_id = S.item_id AND T.day = S.day
        WHEN MATCHED AND T.mean IS DISTINCT FROM S.mean THEN UPDATE SET mean = S.mean
        WHEN NOT MATCHED THEN INSERT (client_id, item_id, day, units, mean)
          VALUES (S.client_id, S.item_id, S.day, S.units, S.mean)
    """
    assert [finished(config, sql).num_dml_affected_rows for _ in range(2)] == [3, 0]


def test_tables_survive_a_crash(component: BigQuery, config: Config) -> None:
    load(config, "kept", rows(5), "load-kept").result()
    before = bigquery_client(config).query("SELECT 1 AS one")
    component.kill()
    component.start()
    assert next(iter(query(config, "SELECT COUNT(*) AS n FROM kept"))).n == 5
    with pytest.raises(Conflict):
        load(config, "kept", rows(5), "load-kept")
    with pytest.raises(ServiceUnavailable):  # the result of a query does not: as if it had not been sent
        before.result(timeout=10)


def test_a_missing_environment_is_named_with_how_to_get_it(tmp_path: Path) -> None:
    component = BigQuery(tmp_path / "log", env={"STOCKCAST_BIGQUERY_PYTHON": "/nowhere/python"})
    with pytest.raises(ComponentError, match="/nowhere/python was not found: `make setup`"):
        component.start()
