"""An attempt at a sync may be killed, the source be down or change: it ends with every row once, or says why."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import Any

import pytest

from functions.etl import sync_worker
from functions.etl.sync_worker import work_on_sync
from functions.etl.syncing import SyncRequest, sync_request
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.connectors.sql import SqlConnector
from shared.domain.errors import Conflict, Unavailable
from shared.domain.imports.data_source import EntityProgress, NamedSource, SqlSource
from shared.domain.operation import LEASE, Operation
from shared.firestore.data_sources import DataSources, SourceProgresses, SyncStates
from shared.imports.import_options import ImportKind, WriteMode
from shared.tasks.operations import Operations
from tests.support.importer import BUSINESS_DATE, Importer
from tests.support.source_server import SourceDatabase, SourceServer

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
START = dt.date(2011, 3, 1)  # 227 days before the business date: three windows
DAYS = (BUSINESS_DATE - START).days + 1
SALES = (
    "CREATE TABLE sales (sku text, day date, qty int)",
    f"INSERT INTO sales SELECT 'TEA', d, 3 FROM generate_series('{START}'::date, '{BUSINESS_DATE}', '1 day') d",
)
ENTITIES = {
    "sales-history": {
        "table": "sales",
        "mapping": {"item_id": "sku", "date_local": "day", "units_sold": "qty", "location_id": {"constant": "LONDON"}},
    }
}


class Killed(BaseException):
    """The process ends here."""


class Clock:
    """Moves on only when told to."""

    time = NOW

    def __call__(self) -> dt.datetime:
        return self.time

    def pass_the_lease(self) -> None:
        self.time += LEASE + dt.timedelta(seconds=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(caller: Importer, postgres: SourceServer) -> tuple[Importer, SourceDatabase]:
    """A client with a source that has 227 days of sales."""
    database = postgres.new_database(*SALES)
    source = SqlSource.model_validate({"kind": "sql", "url": database.url, "entities": ENTITIES})
    DataSources(caller.tenant).put_now(NamedSource("erp", source))
    return caller, database


def started(caller: Importer, **fields: Any) -> str:
    """A sync that no task works on."""
    sync = SyncRequest(ImportKind.SALES_HISTORY, "erp", **{"start_date": START} | fields)
    operation, _ = Operations(caller.tenant).start(sync_request(sync, "tester", NOW, uuid.uuid4().hex))
    return operation.id


def work(caller: Importer, operation_id: str, clock: Clock) -> Operation:
    work_on_sync(config(), caller.tenant, operation_id, clock)
    return Operations(caller.tenant).get(operation_id)


def progress(caller: Importer) -> EntityProgress:
    return SourceProgresses(caller.tenant).of(["erp"])["erp"].of("sales-history")


def assert_all_stored(caller: Importer, operation: Operation) -> None:
    """Every row once; and the operation tells the truth."""
    assert len(caller.demand()) == DAYS
    assert operation.counts is not None
    assert (operation.counts.read, operation.counts.rejected) == (DAYS, 0)
    assert operation.result is not None
    assert (operation.result["inserted"], operation.result["updated"]) == (DAYS, 0)
    assert SyncStates(caller.tenant).find(operation.id) is None


@pytest.mark.parametrize("place", ["stage", "merge", "after the merge"])
def test_killed_in_the_middle_of_a_window_it_goes_on_there(
    shop: tuple[Importer, SourceDatabase], monkeypatch: pytest.MonkeyPatch, clock: Clock, place: str
) -> None:
    caller, _ = shop
    operation_id, merges, read = started(caller), 0, []
    merge, stage, extract = Warehouse.merge, Warehouse.stage, SqlConnector.extract

    def die_in_the_second_window(self: Warehouse, *args: Any, **kwargs: Any) -> int:
        nonlocal merges
        merges += 1
        if merges == 2 and place == "merge":
            raise Killed
        changed = merge(self, *args, **kwargs)
        if merges == 2 and place == "after the merge":
            raise Killed
        return changed

    def die_after_loading(self: Warehouse, *args: Any, **kwargs: Any) -> Any:
        staged = stage(self, *args, **kwargs)
        if merges == 1 and place == "stage":
            raise Killed
        return staged

    def noted(self: SqlConnector, entity: Any, window: Any = None, limit: Any = None) -> Any:
        read.append(window.days)
        return extract(self, entity, window, limit)

    monkeypatch.setattr(Warehouse, "merge", die_in_the_second_window)
    monkeypatch.setattr(Warehouse, "stage", die_after_loading)
    monkeypatch.setattr(SqlConnector, "extract", noted)
    with pytest.raises(Killed):
        work(caller, operation_id, clock)
    monkeypatch.setattr(Warehouse, "merge", merge)
    monkeypatch.setattr(Warehouse, "stage", stage)
    with pytest.raises(Conflict):  # the dead worker's lease
        work(caller, operation_id, clock)
    clock.pass_the_lease()
    assert_all_stored(caller, work(caller, operation_id, clock))
    assert [days.first for days in read].count(START) == 1  # the first window is not read again
    assert len(read) == 4


def test_down_for_three_attempts_and_back_and_then_changed(
    shop: tuple[Importer, SourceDatabase], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    caller, database = shop
    operation_id = started(caller)
    address = database.url.rpartition("/")[0]
    source = DataSources(caller.tenant).get("erp").value.source
    assert isinstance(source, SqlSource)
    away = source.model_copy(update={"url": source.url.replace(address, "postgresql+psycopg://reader@127.0.0.1:9")})
    DataSources(caller.tenant).put_now(NamedSource("erp", away))
    for _ in range(3):
        with pytest.raises(Unavailable):
            work(caller, operation_id, clock)
        assert Operations(caller.tenant).get(operation_id).status == "running"
    DataSources(caller.tenant).put_now(NamedSource("erp", source))
    # A load job that fails half-way: what it left is loaded again.
    stage, loads = Warehouse.stage, 0

    def fail_once(self: Warehouse, *args: Any, **kwargs: Any) -> Any:
        nonlocal loads
        loads += 1
        staged = stage(self, *args, **kwargs)
        if loads == 2:
            raise ConnectionError("the load job is gone")
        return staged

    monkeypatch.setattr(Warehouse, "stage", fail_once)
    with pytest.raises(Unavailable):
        work(caller, operation_id, clock)
    assert_all_stored(caller, work(caller, operation_id, clock))
    assert progress(caller).watermark is None  # it did not read the history from its start
    assert progress(caller).columns == {"sku": "text", "day": "date", "qty": "number"}
    # The source changes: what is told names the columns of the mapping, and of the last run.
    last_week = {"start_date": dt.date(2011, 10, 7)}
    database.run("ALTER TABLE sales RENAME COLUMN qty TO pieces")
    failed = work(caller, started(caller, **last_week), clock)
    assert failed.error is not None
    assert failed.error["code"] == "missing_columns"
    assert "no column 'qty' (for units_sold)" in failed.error["detail"]
    assert "'qty' is gone; 'pieces' (number) is new" in failed.error["detail"]
    database.run("ALTER TABLE sales DROP COLUMN pieces", "ALTER TABLE sales ADD COLUMN qty text DEFAULT 'many'")
    failed = work(caller, started(caller, **last_week), clock)
    assert failed.error is not None
    assert failed.error["code"] == "nothing_accepted"
    assert "'qty' was number, and is text" in failed.error["detail"]
    assert failed.counts is not None
    assert failed.counts.rejected == failed.counts.read == 7
    assert len(caller.demand()) == DAYS


def test_the_same_task_twice_at_once_is_done_once(shop: tuple[Importer, SourceDatabase], clock: Clock) -> None:
    caller, _ = shop
    operation_id, refused = started(caller), []

    def attempt() -> None:
        try:
            work(caller, operation_id, clock)
        except Conflict:
            refused.append(operation_id)

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert_all_stored(caller, Operations(caller.tenant).get(operation_id))


def test_the_watermark_is_never_ahead_of_what_is_stored(
    shop: tuple[Importer, SourceDatabase], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    caller, database = shop
    merge, merges = Warehouse.merge, 0

    def die(self: Warehouse, *args: Any, **kwargs: Any) -> int:
        nonlocal merges
        merges += 1
        if merges == 2:
            raise Killed
        return merge(self, *args, **kwargs)

    monkeypatch.setattr(Warehouse, "merge", die)
    operation_id = started(caller, start_date=None)  # two years, of which the first windows are empty
    with pytest.raises(Killed):
        work(caller, operation_id, clock)
    stored = max(row[2] for row in caller.demand())
    assert progress(caller).watermark == stored
    monkeypatch.setattr(Warehouse, "merge", merge)
    clock.pass_the_lease()
    done = work(caller, operation_id, clock)
    assert_all_stored(caller, done)
    assert done.result is not None
    (warning,) = done.result["warnings"]  # of all windows together, and none of those that are empty or begin a history
    assert "1 item ids are no product of this client, such as 'TEA'" in warning
    assert progress(caller).watermark == BUSINESS_DATE
    database.run("DELETE FROM sales")
    empty = work(caller, started(caller, start_date=None), clock)
    assert empty.error is not None
    assert empty.error["code"] == "source_empty"
    dry = work(caller, started(caller, dry_run=True, mode=WriteMode.REPLACE, accept_shrinkage=True), clock)
    assert dry.result is not None
    assert dry.result["deleted"] == DAYS
    assert len(caller.demand()) == DAYS


def test_a_slow_source_keeps_its_lease(
    shop: tuple[Importer, SourceDatabase], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """While a query makes the worker wait, nobody takes its operation for abandoned."""
    caller, _ = shop
    monkeypatch.setattr(sync_worker, "_HEARTBEAT_S", 0.05)
    source = DataSources(caller.tenant).get("erp").value.source
    slow = {"query": "SELECT s.*, pg_sleep(5)::text AS slept FROM sales s WHERE day BETWEEN :start_date AND :end_date"}
    entity = source.entities["sales-history"].model_copy(update=slow | {"table": None})
    fields = {"entities": {"sales-history": entity}, "timeout_seconds": 1}
    DataSources(caller.tenant).put_now(NamedSource("erp", source.model_copy(update=fields)))
    operation_id, renewed = started(caller), []
    advance = Operation.advanced

    def noted(self: Operation, step: str, *args: Any) -> Operation:
        renewed.append(step)
        return advance(self, step, *args)

    monkeypatch.setattr(Operation, "advanced", noted)
    with pytest.raises(Unavailable):
        work(caller, operation_id, clock)
    assert len(renewed) > 3
    assert Operations(caller.tenant).get(operation_id).error is None
