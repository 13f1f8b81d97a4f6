"""One tenant's tables: guarded queries, bound values, and merges that change only what differs."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl
import pytest
from google.api_core.exceptions import Conflict as AlreadyThere
from google.api_core.exceptions import InternalServerError, ServiceUnavailable
from google.cloud.bigquery import Client as BigQueryClient

from shared.bigquery.tables import DEMAND
from shared.bigquery.warehouse import MergePreview, UnguardedQueryError, Warehouse
from shared.config import config
from tests.support.sql import SqlRows, SqlText, table_rows
from tests.support.tenants import TestClient

DAY = dt.date(2024, 5, 1)
Key = tuple[str, str, dt.date]


class Bound(NamedTuple):
    value: Any
    client: str


@pytest.fixture
def warehouse(client: TestClient) -> Warehouse:
    return Warehouse(config(), client.client_id)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM inventory.ts_demand_daily",
        "SELECT * FROM inventory.ts_demand_daily WHERE client_id = @client_id",
        "SELECT * FROM inventory.ts_demand_daily WHERE date_local > '2024-01-01'",
        "SELECT * FROM inventory.inventory_metrics WHERE client_id = @client_id AND date_local = '2024-01-01'",
        # One filter is not enough for two tables, however often the client is named.
        "SELECT @client_id, (SELECT COUNT(*) FROM inventory.ts_demand_daily WHERE date_local > '2024-01-01') "
        "FROM inventory.inventory_metrics WHERE client_id = @client_id AND date = '2024-01-01'",
    ],
)
def test_a_query_of_everybody_or_of_all_time_is_refused(running: object, sql: str) -> None:
    with pytest.raises(UnguardedQueryError):
        Warehouse(config(), "client").arrow(SqlText(sql))


def test_a_table_that_is_not_ours_cannot_be_named(running: object) -> None:
    with pytest.raises(KeyError):
        Warehouse(config(), "client").arrow(SqlText("SELECT * FROM inventory.users WHERE client_id = @client_id"))


@pytest.mark.parametrize(
    "value",
    [
        3,
        2.5,
        True,
        Decimal("12.345678901"),
        "it's; DROP TABLE x -- ü",
        DAY,
        dt.datetime(2024, 5, 1, 12, 30, tzinfo=dt.UTC),
        ["a", "b'c"],
    ],
)
def test_values_travel_as_parameters(warehouse: Warehouse, client: TestClient, value: Any) -> None:
    query = SqlRows("SELECT @value AS value, @client_id AS client", Bound)
    assert warehouse.rows(query, value=value) == [Bound(value, client.client_id)]


def test_a_row_of_other_columns_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(TypeError, match="columns"):
        warehouse.rows(SqlRows("SELECT @client_id AS client, 1 AS value", Bound))


def test_a_value_that_bigquery_does_not_know_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(TypeError, match="object cannot be sent"):
        warehouse.arrow(SqlText("SELECT @value AS value"), value=object())  # type: ignore[arg-type]


def test_what_is_sent_is_bounded(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator does not look at it: the limit on what a query may read has to be in the request."""
    sent: list[dict[str, Any]] = []
    real = BigQueryClient.query

    def query(self: BigQueryClient, statement: str, **options: Any) -> Any:
        sent.append(options)
        return real(self, statement, **options)

    monkeypatch.setattr(BigQueryClient, "query", query)
    warehouse.arrow(SqlText("SELECT 1 AS number"))
    assert sent[0]["job_config"].maximum_bytes_billed == 200 * 1024**3
    assert sent[0]["timeout"] <= 10


def parquet(client: TestClient, rows: Mapping[Key, Decimal | None], run_id: str) -> io.BytesIO:
    frame = pl.DataFrame(
        [
            {
                "item_id": item,
                "location_id": place,
                "date_local": day,
                "units_sold": Decimal(len(item)),
                "revenue": units,
            }
            for (item, place, day), units in rows.items()
        ],
        schema={"item_id": pl.String, "location_id": pl.String, "date_local": pl.Date}
        | {"units_sold": pl.Decimal(38, 9), "revenue": pl.Decimal(38, 9)},
    ).with_columns(client_id=pl.lit(client.client_id), run_id=pl.lit(run_id))
    file = io.BytesIO()
    frame.select("client_id", "item_id", "location_id", "date_local", "units_sold", "revenue", "run_id").write_parquet(
        file
    )
    file.seek(0)
    return file


COLUMNS = ("client_id", "item_id", "location_id", "date_local", "units_sold", "revenue", "run_id")


def merge(client: TestClient, rows: dict[Key, Any], run_id: str, *, replace: bool = False) -> tuple[MergePreview, int]:
    """Stage and merge rows within DAY and the 9 days after it; what it would do, and how many it says it did."""
    warehouse = Warehouse(config(), client.client_id)
    staging = warehouse.stage(DEMAND, parquet(client, rows, run_id), run_id, columns=COLUMNS)
    window = DAY, DAY + dt.timedelta(9)
    preview = warehouse.preview(DEMAND, staging, *window)
    changed = warehouse.merge(DEMAND, staging, *window, replace_window=replace)
    assert (staging.rows, staging.columns) == (len(rows), COLUMNS)
    warehouse.drop(staging)
    return preview, changed


def stored(client: TestClient) -> dict[Key, tuple[Any, str]]:
    found = table_rows(
        Warehouse(config(), client.client_id),
        "SELECT * FROM inventory.ts_demand_daily WHERE client_id = @client_id AND date_local > '2000-01-01'",
    )
    keys = [(row["item_id"], row["location_id"], row["date_local"]) for row in found]
    assert len(set(keys)) == len(keys)
    return {key: (row["revenue"], row["run_id"]) for key, row in zip(keys, found, strict=True)}


def _random_rows(chance: random.Random) -> dict[Key, Any]:
    keys = [(item, place, DAY + dt.timedelta(day)) for item in ("a", "b/ü") for place in "LD" for day in range(10)]
    return {key: chance.choice([None, Decimal(1), Decimal("2.5")]) for key in keys if chance.random() < 0.5}


def test_merges_change_what_differs_and_nothing_else(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    """Several files in a row, the second and the fourth replacing the window, against a dictionary."""
    chance, expected = random.Random(3), dict[Key, tuple[Any, str]]()
    other = new_client()
    merge(other, others := _random_rows(chance), "other")
    outside = ("a", "L", DAY + dt.timedelta(10))
    warehouse = Warehouse(config(), client.client_id)
    staging = warehouse.stage(DEMAND, parquet(client, {outside: Decimal(9)}, "outside"), "outside", columns=COLUMNS)
    warehouse.merge(DEMAND, staging, outside[2], outside[2])
    expected[outside] = (Decimal(9), "outside")
    for number, replace in enumerate((False, True, False, True)):
        rows, run_id = _random_rows(chance), f"run-{number}"
        before = dict(expected)
        preview, changed = merge(client, rows, run_id, replace=replace)
        inserted = [key for key in rows if key not in before]
        updated = [key for key in rows if key in before and before[key][0] != rows[key]]
        gone = [key for key in before if key not in rows and key != outside]
        assert preview == MergePreview(len(inserted), len(updated), len(rows) - len(inserted) - len(updated), len(gone))
        assert changed == len(inserted) + len(updated) + (len(gone) if replace else 0)
        expected |= {key: (rows[key], run_id) for key in (*inserted, *updated)}
        if replace:
            expected = {key: value for key, value in expected.items() if key not in gone}
        assert stored(client) == expected
    assert stored(other) == {key: (units, "other") for key, units in others.items()}


def test_the_same_file_again_changes_nothing(client: TestClient) -> None:
    rows = _random_rows(random.Random(5))
    merge(client, rows, "first")
    before = stored(client)
    assert merge(client, rows, "second") == (MergePreview(0, 0, len(rows), 0), 0)
    assert merge(client, rows, "third", replace=True)[1] == 0
    assert stored(client) == before


def test_columns_that_a_file_lacks_stay_as_they_are(client: TestClient) -> None:
    key = ("a", "L", DAY)
    merge(client, {key: Decimal(7)}, "first")
    warehouse = Warehouse(config(), client.client_id)
    columns = tuple(name for name in COLUMNS if name != "revenue")
    frame = pl.read_parquet(parquet(client, {key: None}, "second")).select(columns)
    file = io.BytesIO()
    frame.with_columns(units_sold=pl.lit(Decimal(99)).cast(pl.Decimal(38, 9))).write_parquet(file)
    file.seek(0)
    staging = warehouse.stage(DEMAND, file, "second", columns=columns)
    assert warehouse.merge(DEMAND, staging, DAY, DAY) == 1
    assert stored(client) == {key: (Decimal(7), "second")}


def test_a_load_has_the_same_job_id_when_its_step_is_repeated(
    client: TestClient, new_client: Callable[[], TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """BigQuery then refuses to load twice; the emulator does not, so the request is what can be looked at."""
    ids: list[str] = []
    real = BigQueryClient.load_table_from_file

    def load(self: BigQueryClient, *args: Any, **options: Any) -> Any:
        ids.append(options["job_id"])
        return real(self, *args, **options)

    monkeypatch.setattr(BigQueryClient, "load_table_from_file", load)
    for one, step in ((client, "step"), (client, "step"), (client, "other step"), (new_client(), "step")):
        warehouse = Warehouse(config(), one.client_id)
        staging = warehouse.stage(DEMAND, parquet(one, {("a", "L", DAY): None}, "run"), step, columns=COLUMNS)
        assert staging.rows == 1
        warehouse.drop(staging)
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


class _Load:
    """A load job that has ended: with an error, or with so many rows."""

    def __init__(self, error: str | None) -> None:
        self.error_result = None if error is None else {"reason": error}
        self.output_rows = 1

    def result(self, timeout: float) -> None:
        if self.error_result is not None:
            raise InternalServerError(self.error_result["reason"])


def test_a_load_that_failed_half_way_is_made_again_by_every_attempt_at_its_step(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BigQuery loads all or nothing, and a failed job keeps its id: a later attempt may not take that for its own."""
    jobs: dict[str, _Load] = {}
    outcomes = iter(["backendError"] * 5 + [None])

    def load(_: BigQueryClient, *args: Any, **options: Any) -> _Load:
        if options["job_id"] in jobs:
            raise AlreadyThere("a job of this id")
        jobs[options["job_id"]] = _Load(next(outcomes))
        return jobs[options["job_id"]]

    monkeypatch.setattr(BigQueryClient, "load_table_from_file", load)
    monkeypatch.setattr(BigQueryClient, "get_job", lambda _, job_id: jobs[job_id])
    warehouse = Warehouse(config(), client.client_id)
    with pytest.raises(InternalServerError):
        warehouse.append(DEMAND, io.BytesIO(), "step")
    assert len(jobs) == 3
    warehouse.append(DEMAND, io.BytesIO(), "step")
    assert len(jobs) == 6
    warehouse.append(DEMAND, io.BytesIO(), "step")  # done: nothing is loaded twice
    assert len(jobs) == 6


def test_a_load_whose_end_cannot_be_asked_for_is_not_made_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    class Unknown(_Load):
        def result(self, timeout: float) -> None:
            raise ServiceUnavailable("no answer")

    def load(_: BigQueryClient, *args: Any, **options: Any) -> _Load:
        made.append(options["job_id"])
        return Unknown(None)

    monkeypatch.setattr(BigQueryClient, "load_table_from_file", load)
    with pytest.raises(ServiceUnavailable):
        Warehouse(config(), client.client_id).append(DEMAND, io.BytesIO(), "step")
    assert len(made) == 1


def test_arrow_gives_every_row_of_a_large_result(warehouse: Warehouse) -> None:
    query = SqlText(
        "SELECT number, CONCAT('item ', CAST(number AS STRING)) AS name FROM UNNEST(GENERATE_ARRAY(1, 50000)) AS number"
    )
    table = warehouse.arrow(query)
    assert sorted(table["number"].to_pylist()) == list(range(1, 50_001))
    assert sum(batch.num_rows for batch in warehouse.batches(query)) == 50_000
