"""What is done at night survives everything: each worker killed before each of its writes, tasks delivered twice at
once, a database that is away, a load that fails half-way. No row is there twice, none is lost, and operations say what
is so."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from functions.etl import chain
from functions.etl.import_worker import work_on_import
from functions.etl.syncing import SyncRequest, sync_request
from functions.etl.validation import validation_request
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.etl_run import EtlRunRequest
from shared.domain.imports.data_source import NamedSource, SqlSource
from shared.domain.operation import LEASE, Counts, Operation, OperationRequest, RunStep, StepName
from shared.domain.purchasing.product import Product, StockLevel
from shared.firestore.data_sources import DataSources
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.products import Products, StockLevels
from shared.imports.import_options import ImportKind, WriteMode
from shared.tasks.delivery import deliver_waiting
from shared.tasks.etl_runs import start_run
from shared.tasks.operations import Operations
from tests.functions.etl.test_import_worker import waiting
from tests.support.firestore_meter import FirestoreMeter
from tests.support.importer import BUSINESS_DATE, new_importer
from tests.support.mortal_worker import Fate, MortalWorker
from tests.support.source_server import SourceServer
from tests.support.sql import table_rows
from tests.support.tenants import TODAY, TestClient, eventually

PAST_THE_LEASE = LEASE + dt.timedelta(seconds=1)
BAD_LINES = b"a,NOWHERE,2011-10-11,1\n,LONDON,2011-10-11,1\n"
SALES = b"item_id,location_id,date_local,units_sold\na,LONDON,2011-10-10,6\nb,LONDON,2011-10-11,2\n" + BAD_LINES


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def worker(running: object) -> Iterator[MortalWorker]:
    with MortalWorker() as worker:
        yield worker


def worn_out(
    worker: MortalWorker, work: str, client: TestClient, operation_id: str, deaths: Iterator[int]
) -> tuple[Fate, int]:
    """Have a worker die before each of these writes, one life after the other; (the last life's fate, deaths)."""
    died, later = 0, dt.timedelta()
    while True:
        fate = worker.run(work, client.client_id, operation_id, dies_at=next(deaths, None), later=later)
        if not fate.killed:
            return fate, died
        died, later = died + 1, later + PAST_THE_LEASE


def drained(client: TestClient) -> None:
    """The scheduler's tick has delivered what the dead had left; and all has ended that this began."""
    deliver_waiting(config(), now() + dt.timedelta(days=1))
    assert list(client.tenant.collection("outbox").stream()) == []


def ended(client: TestClient, operation_id: str) -> Operation:
    operations = Operations(client.tenant)
    eventually(lambda: operations.get(operation_id).finished, f"operation {operation_id} to end")
    return operations.get(operation_id)


def reject_rows(client: TestClient, operation_id: str) -> list[int]:
    sql = (
        "SELECT row_number FROM inventory.etl_rejects WHERE client_id = @client_id AND date > '2000-01-01' "
        f"AND run_id = '{operation_id}' ORDER BY row_number"
    )
    return [row["row_number"] for row in table_rows(Warehouse(config(), client.client_id), sql)]


@pytest.mark.parametrize("first", range(1, 5))
def test_killed_before_any_write_a_sales_import_loses_and_doubles_nothing(
    running: Any, worker: MortalWorker, first: int
) -> None:
    """Four imports go through all writes: the first dies before writes 1, 5, 9, ..., the second before 2, 6, ..."""
    importer = new_importer(TestClient(running.base_url))
    client = importer.client
    client.sell([_sold("a", 10, 5), _sold("z", 12, 1)])
    operation_id = waiting(importer, SALES)
    fate, deaths = worn_out(worker, "import", client, operation_id, iter(range(first, 1000, 4)))
    assert fate.said == "running", fate
    assert deaths >= 2
    drained(client)
    operation = ended(client, operation_id)
    assert (operation.status, operation.counts) == ("succeeded", Counts(4, 2, 2))
    assert [(item, day.day, units) for item, _, day, units, _ in importer.demand()] == [
        ("a", 10, 6),
        ("b", 11, 2),
        ("z", 12, 1),
    ]
    assert operation.result is not None
    assert [operation.result[name] for name in ("inserted", "updated", "unchanged")] == [1, 1, 0]
    assert reject_rows(client, operation_id) == [4, 5]


def _sold(item_id: str, day: int, units: int) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "location_id": "LONDON",
        "date_local": dt.date(2011, 10, day),
        "units_sold": units,
        "is_weekend": False,
    }


@pytest.mark.parametrize("first", range(1, 4))
def test_killed_before_any_write_a_stock_list_is_replaced_as_a_whole(
    running: Any, worker: MortalWorker, first: int
) -> None:
    importer = new_importer(TestClient(running.base_url))
    client = importer.client
    Products(client.tenant).put_many([Product(name, "") for name in "abcd"])
    StockLevels(client.tenant).put_many([StockLevel(name, {"LONDON": Decimal(7)}) for name in "abcd"])
    lines = b"item_id,location_id,current_stock\na,LONDON,1\nb,LONDON,2\nc,LONDON,3\n"
    operation_id = waiting(importer, lines, ImportKind.STOCK_LEVELS, WriteMode.REPLACE)
    fate, deaths = worn_out(worker, "import", client, operation_id, iter(range(first, 1000, 3)))
    assert fate.said == "running", fate
    assert deaths >= 2
    drained(client)
    operation = ended(client, operation_id)
    assert (operation.status, operation.counts) == ("succeeded", Counts(3, 3, 0))
    assert {level.item_id: int(level.total) for level in StockLevels(client.tenant).every()} == {
        "a": 1,
        "b": 2,
        "c": 3,
        "d": 0,
    }
    items = client.get("/products?fields=item_id,current_stock").json()["items"]
    assert {item["item_id"]: item["current_stock"] for item in items} == {"a": 1, "b": 2, "c": 3, "d": 0}


@pytest.mark.parametrize("first", range(1, 4))
def test_killed_before_any_write_a_refresh_publishes_once(client: TestClient, worker: MortalWorker, first: int) -> None:
    client.stock([Product("a", "A")], {"a": {"LONDON": "5"}})
    request = OperationRequest("metrics_refresh.rebuild", "inventory", "/x", "ann", now(), {"rebuild": True}, "refresh")
    Operations(client.tenant).start(request)
    for entry in client.tenant.collection("outbox").stream():
        entry.reference.delete()
    fate, deaths = worn_out(worker, "refresh", client, "refresh", iter(range(first, 1000, 3)))
    assert fate.said == "succeeded", fate
    assert deaths >= 2
    assert [item["current_stock"] for item in client.get("/products").json()["items"]] == [5]
    sql = (
        "SELECT COUNT(*) AS rows FROM inventory.inventory_metrics WHERE client_id = @client_id AND date > '2000-01-01'"
    )
    assert table_rows(Warehouse(config(), client.client_id), sql) == [{"rows": 2}]  # the item, and it at its location


def test_killed_before_some_writes_syncs_and_a_validation_lose_and_double_nothing(
    running: Any, worker: MortalWorker, postgres: SourceServer
) -> None:
    """Of a list that is read whole, of sales by windows, and of what checks them: each one operation of many lives."""
    importer = new_importer(TestClient(running.base_url))
    client = importer.client
    database = postgres.new_database(
        "CREATE TABLE stock (code text, place text, units int)",
        "INSERT INTO stock VALUES ('a', 'LONDON', 1), ('b', 'DUBLIN', 2)",
        "CREATE TABLE sales (sku text, day date, qty int)",
        "INSERT INTO sales SELECT 'a', d, 3 FROM generate_series('2011-06-01'::date, '2011-10-12', '1 day') d",
    )
    stock = {"table": "stock", "mapping": {"item_id": "code", "location_id": "place", "current_stock": "units"}}
    sold = {"item_id": "sku", "date_local": "day", "units_sold": "qty", "location_id": {"constant": "LONDON"}}
    entities = {"stock-levels": stock, "sales-history": {"table": "sales", "mapping": sold}}
    source = SqlSource.model_validate({"kind": "sql", "url": database.url, "entities": entities})
    DataSources(client.tenant).put_now(NamedSource("erp", source))
    Products(client.tenant).put_many([Product(name, "") for name in "abc"])
    StockLevels(client.tenant).put_many([StockLevel(name, {"LONDON": Decimal(7)}) for name in "abc"])
    sales = SyncRequest(ImportKind.SALES_HISTORY, "erp", dt.date(2011, 6, 1), BUSINESS_DATE)  # two windows
    syncs = [SyncRequest(ImportKind.STOCK_LEVELS, "erp"), sales]
    asked = [sync_request(sync, "ann", now(), sync.kind.value) for sync in syncs]
    asked.append(validation_request("ann", now(), "checked"))
    # Before rejects and counts are kept, documents written, windows merged; before what is left tells of the end.
    deaths_of = {"stock-levels": (5, 9), "sales-history": (6, 10, 15), "checked": (4,)}
    for work, request in zip(("sync", "sync", "validate"), asked, strict=True):
        operation, _ = Operations(client.tenant).start(request)
        client.tenant.collection("outbox").document(operation.id).delete()
        fate, deaths = worn_out(worker, work, client, operation.id, iter(deaths_of[operation.id]))
        assert fate.said in ("running", "succeeded"), fate
        assert deaths == len(deaths_of[operation.id])
        drained(client)
        assert ended(client, operation.id).status == "succeeded"
    assert {level.item_id: {**level.levels} for level in StockLevels(client.tenant).every()} == {
        "a": {"LONDON": 1},
        "b": {"DUBLIN": 2},
        "c": {},
    }
    days = [day for _, _, day, units, _ in importer.demand() if units == 3]
    assert len(days) == len(set(days)) == len(importer.demand()) == (dt.date(2011, 10, 13) - dt.date(2011, 6, 1)).days
    read = Operations(client.tenant).get("sales-history")
    assert (read.counts, (read.result or {})["inserted"]) == (Counts(len(days), len(days), 0), len(days))
    assert client.get("/etl/validation").json()["run_id"] == "checked"
    assert list(client.tenant.collection("sync_states").stream()) == []


STEPS = (RunStep(StepName.FORECAST), RunStep(StepName.REFRESH))


@pytest.mark.parametrize("dies_at", [1, 2, 3])
def test_killed_before_any_write_a_run_moves_on_once(client: TestClient, worker: MortalWorker, dies_at: int) -> None:
    """Its writes: the commit that starts the next step, the step's task, and the outbox entry that goes."""
    start_run(client.tenant, EtlRunRequest("run", TODAY, STEPS, "scheduler", now()))
    client.tenant.collection("outbox").document("run").delete()
    assert worker.run("advance", client.client_id, "run", dies_at=dies_at).killed
    left = {entry.id for entry in client.tenant.collection("outbox").stream()}
    assert left == (set() if dies_at == 1 else {"run-1-forecast-1"})
    fate = worker.run("advance", client.client_id, "run")
    assert fate.said == "running", fate
    drained(client)
    assert [step.attempts for step in Operations(client.tenant).get("run").steps] == [1, 0]
    client.post("/operations/run/cancel")


def test_a_task_that_comes_twice_at_once_is_done_once(running: Any) -> None:
    importer = new_importer(TestClient(running.base_url))
    operation_id, said = waiting(importer, SALES), []

    def deliver() -> None:
        try:
            said.append(work_on_import(config(), importer.tenant, operation_id, now).value)
        except Exception as error:  # noqa: BLE001 - it is what the queue would be told
            said.append(getattr(error, "code", repr(error)))

    deliveries = [threading.Thread(target=deliver) for _ in range(3)]
    for delivery in deliveries:
        delivery.start()
    for delivery in deliveries:
        delivery.join()
    assert sorted(set(said)) == ["operation_claimed", "running"]
    assert ended(importer.client, operation_id).counts == Counts(4, 2, 2)
    assert len(importer.demand()) == 2
    assert len(reject_rows(importer.client, operation_id)) == 2


def test_firestore_away_in_the_middle_of_an_import(
    running: Any, meter: FirestoreMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes away while the rows are merged, so that the worker can neither go on nor give the operation back."""
    importer = new_importer(TestClient(running.base_url))
    operation_id, merge = waiting(importer, SALES), Warehouse.merge

    def merge_and_lose_it(self: Warehouse, *args: Any, **kwargs: Any) -> int:
        changed = merge(self, *args, **kwargs)
        meter.is_away = True
        return changed

    monkeypatch.setattr(Warehouse, "merge", merge_and_lose_it)
    try:
        with pytest.raises(Exception, match=r"503|504|away"):
            work_on_import(config(), importer.tenant, operation_id, now)
    finally:
        meter.is_away = False
    monkeypatch.undo()
    assert not Operations(importer.tenant).get(operation_id).finished
    work_on_import(config(), importer.tenant, operation_id, lambda: now() + PAST_THE_LEASE)
    drained(importer.client)
    operation = ended(importer.client, operation_id)
    assert (operation.status, operation.counts) == ("succeeded", Counts(4, 2, 2))
    assert [units for _, _, _, units, _ in importer.demand()] == [6, 2]


@pytest.mark.parametrize(("bad", "status"), [(3, "succeeded"), (300, "failed")])
def test_bad_rows_are_all_kept_with_their_reason(running: Any, bad: int, status: str) -> None:
    """1 % of them, and all of them: then nothing is stored, the run has failed and what was there stays."""
    importer = new_importer(TestClient(running.base_url))
    importer.client.sell([_sold("kept", 1, 9)])
    days = [dt.date(2011, 1, 1) + dt.timedelta(day) for day in range(300)]
    today = dt.date(2011, 10, 12)
    days = [min(day, today) for day in days]
    rows = [f"i{number},LONDON,{day},{'x' if number < bad else 1}" for number, day in enumerate(days)]
    run = importer.imported("item_id,location_id,date_local,units_sold\n" + "\n".join(rows))
    assert run["status"] == status
    assert run["counts"] == {"read": 300, "accepted": 300 - bad, "rejected": bad}
    assert len(reject_rows(importer.client, run["id"])) == bad
    assert len(importer.demand()) == 300 - bad + 1


def test_a_run_over_midnight_forecasts_from_its_own_day_on(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sales that it has read end with the day before it began, whenever its forecast comes."""
    monkeypatch.setattr("functions.etl.chain.deliver", lambda *_: None)
    start_run(client.tenant, EtlRunRequest("run", TODAY, STEPS, "scheduler", now()))
    chain.advance(config(), client.tenant, "run", lambda: now() + dt.timedelta(days=1))
    forecast = ForecastRuns(client.tenant).get("run-1-forecast-1")
    assert forecast is not None
    assert forecast.run_date == TODAY
    client.post("/operations/run/cancel")
