"""An attempt at an import may be killed anywhere: the next one ends with the same result."""

from __future__ import annotations

import datetime as dt
import io
import os
import signal
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from functions.etl import import_worker, uploads
from functions.etl.import_request import ImportRequest
from functions.etl.import_worker import work_on_import
from shared.bigquery.client import bigquery_client
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.errors import Conflict
from shared.domain.imports.given_notation import GivenNotation
from shared.domain.operation import LEASE, Counts, Operation, OperationRequest
from shared.domain.purchasing.product import Product, StockLevel
from shared.firestore.products import Products, StockLevels
from shared.imports import decoding
from shared.imports.decoding import DecodingLimits
from shared.imports.import_options import Aggregate, ImportKind, ImportOptions, WriteMode
from shared.imports.readers.file_reading import FileReading
from shared.imports.readers.formats import SourceFormat
from shared.object_storage import storage_client
from shared.tasks.operations import Operations
from shared.tasks.worker import MAX_ATTEMPTS, Reporter, StepFailed
from tests.support.importer import Importer
from tests.support.problems import assert_problem
from tests.support.tenants import eventually

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
SALES = b"""item_id,location_id,date_local,units_sold
a,LONDON,2011-10-10,6
a,LONDON,2011-10-11,2
b,PARIS,2011-10-11,2
c,DUBLIN,2011-10-11,2
"""


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Clock:
    """Moves on only when told to."""

    time: dt.datetime = field(default=NOW)

    def __call__(self) -> dt.datetime:
        return self.time

    def pass_the_lease(self) -> None:
        self.time += LEASE + dt.timedelta(seconds=1)


def waiting(
    caller: Importer,
    content: bytes,
    kind: ImportKind = ImportKind.SALES_HISTORY,
    mode: WriteMode = WriteMode.UPSERT,
    source_format: SourceFormat = SourceFormat.CSV,
) -> str:
    """An operation that no task works on, with its upload in place."""
    operation_id = uuid.uuid4().hex
    name = uploads.object_name(caller.client.client_id, operation_id)
    uploads.store(config(), name, io.BytesIO(content))
    options = ImportOptions(kind, None, Aggregate.NONE, mode, dry_run=False)
    request = ImportRequest(options, source_format, FileReading(), GivenNotation(), "upload.csv", name)
    started = OperationRequest(
        request.operation_kind, "etl", "/internal/import", "tester", NOW, request.to_parameters(), operation_id
    )
    Operations(caller.tenant).start(started)
    return operation_id


def work(caller: Importer, operation_id: str, clock: Clock) -> str:
    return work_on_import(config(), caller.tenant, operation_id, clock)


def end_of(caller: Importer, operation_id: str) -> str:
    """How the import ended; one that changed something ends with the refresh that shows it."""

    def ended() -> str | None:
        operation = Operations(caller.tenant).get(operation_id)
        return operation.status.value if operation.finished else None

    return str(eventually(ended, "the import to end"))


def outcome(caller: Importer, operation_id: str) -> tuple[Any, ...]:
    """What can be seen of an import afterwards, but for its times."""
    operation: Operation = Operations(caller.tenant).get(operation_id)
    rejects = caller.rejects({"id": operation_id, "counts": vars(operation.counts)})
    return operation.status, operation.counts, operation.result, rejects, caller.demand()


def staging_tables() -> set[str]:
    tables = bigquery_client(config()).list_tables(f"{config().project_id}.{config().dataset}")
    return {table.table_id for table in tables if table.table_id.startswith("_staging_ts_demand")}


@pytest.mark.parametrize(
    ("mode", "last_step"),
    [
        *((WriteMode.UPSERT, step) for step in ("fetching", "reading", "aggregating", "keeping rejects", "loading")),
        *((mode, step) for mode in WriteMode for step in ("merging", "after the merge")),
    ],
)
def test_killed_at_any_step_a_sales_import_ends_the_same(
    caller: Importer, monkeypatch: pytest.MonkeyPatch, mode: WriteMode, last_step: str
) -> None:
    caller.client.sell([_sold("a", "LONDON", 10, 5), _sold("a", "LONDON", 11, 2), _sold("a", "LONDON", 12, 1)])
    operation_id, clock = waiting(caller, SALES, mode=mode), Clock()
    step, merge = Reporter.step, Warehouse.merge

    def die_at_the_step(self: Reporter, name: str, *args: Any, **kwargs: Any) -> None:
        step(self, name, *args, **kwargs)
        if name == last_step and self._operation.id == operation_id:
            raise Killed

    def die_after_the_merge(self: Warehouse, *args: Any, **kwargs: Any) -> int:
        changed = merge(self, *args, **kwargs)
        if self._client_id == caller.client.client_id:
            raise Killed
        return changed

    monkeypatch.setattr(Reporter, "step", die_at_the_step)
    monkeypatch.setattr(Warehouse, "merge", die_after_the_merge)
    with pytest.raises(Killed):
        work(caller, operation_id, clock)
    monkeypatch.undo()
    clock.pass_the_lease()

    assert work(caller, operation_id, clock) == "running"
    assert end_of(caller, operation_id) == "succeeded"

    operation = Operations(caller.tenant).get(operation_id)
    assert operation.counts == Counts(read=4, accepted=3, rejected=1)
    assert operation.result is not None
    assert [operation.result[name] for name in ("inserted", "updated", "unchanged")] == [1, 1, 1]
    assert caller.rejects({"id": operation_id, "counts": vars(operation.counts)}) == [(4, "orphan", "location_id")]
    assert [(item, day.day, units) for item, _, day, units, _ in caller.demand()] == [
        ("a", 10, 6),
        ("a", 11, 2),
        ("a", 12, 1),  # beyond the file's window, so it stays in both modes
        ("c", 11, 2),
    ]


def _sold(item_id: str, location_id: str, day: int, units: int) -> dict[str, Any]:
    date = dt.date(2011, 10, day)
    return {
        "item_id": item_id,
        "location_id": location_id,
        "date_local": date,
        "units_sold": units,
        "is_weekend": False,
    }


def test_killed_while_writing_a_stock_import_ends_the_same(caller: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    Products(caller.tenant).put_many([Product(str(number), "") for number in range(15)])
    StockLevels(caller.tenant).put_many([StockLevel(str(number), {"LONDON": Decimal(1)}) for number in range(5, 15)])
    rows = "".join(f"{number},LONDON,{number}\n" for number in range(5)).encode()
    # The old and the new list together are more than twice the new one: no reason to refuse it the second time.
    operation_id = waiting(
        caller, b"item_id,location_id,current_stock\n" + rows, ImportKind.STOCK_LEVELS, WriteMode.REPLACE
    )
    put_many, clock = StockLevels.put_many, Clock()

    def die_half_way(self: StockLevels, levels: Any) -> int:
        put_many(self, list(levels)[:4])
        raise Killed

    monkeypatch.setattr(StockLevels, "put_many", die_half_way)
    with pytest.raises(Killed):
        work(caller, operation_id, clock)
    monkeypatch.undo()
    clock.pass_the_lease()

    assert work(caller, operation_id, clock) == "running"
    assert end_of(caller, operation_id) == "succeeded"

    result = Operations(caller.tenant).get(operation_id).result
    assert result is not None
    assert (result["inserted"], result["emptied"]) == (5, 10)
    assert {level.item_id: level.total for level in StockLevels(caller.tenant).every()} == {
        str(number): number if number < 5 else 0 for number in range(15)
    }


def test_a_second_worker_is_kept_out_while_the_first_is_alive(
    caller: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation_id, clock = waiting(caller, SALES), Clock()
    merge = Warehouse.merge

    def meet_a_second_worker(self: Warehouse, *args: Any, **kwargs: Any) -> int:
        with pytest.raises(Conflict):
            work(caller, operation_id, clock)
        return merge(self, *args, **kwargs)

    monkeypatch.setattr(Warehouse, "merge", meet_a_second_worker)

    assert work(caller, operation_id, clock) == "running"
    assert len(caller.demand()) == 3


def test_a_task_that_is_delivered_again_does_nothing(caller: Importer) -> None:
    operation_id = waiting(caller, SALES)
    work(caller, operation_id, Clock())
    assert work(caller, operation_id, Clock()) == "running"
    assert end_of(caller, operation_id) == "succeeded"
    before = outcome(caller, operation_id)

    assert work(caller, operation_id, Clock()) == "succeeded"

    assert outcome(caller, operation_id) == before


def test_a_cancelled_import_stops_and_leaves_nothing(caller: Importer) -> None:
    operation_id = waiting(caller, SALES)
    Operations(caller.tenant).change(operation_id, lambda operation: operation.cancelled(NOW))

    assert work(caller, operation_id, Clock()) == "cancelled"

    assert caller.demand() == []


def test_what_an_import_needed_is_removed_when_it_is_over(caller: Importer) -> None:
    operation_id = waiting(caller, SALES)
    before = staging_tables()

    work(caller, operation_id, Clock())

    bucket = storage_client(config()).bucket(config().upload_bucket)
    assert not bucket.blob(uploads.object_name(caller.client.client_id, operation_id)).exists()
    assert staging_tables() <= before


def test_an_upload_that_is_gone_fails_the_import_for_good(caller: Importer) -> None:
    operation_id = waiting(caller, SALES)
    uploads.remove(config(), uploads.object_name(caller.client.client_id, operation_id))

    assert work(caller, operation_id, Clock()) == "failed"

    assert Operations(caller.tenant).get(operation_id).error == {
        "code": "upload_gone",
        "detail": "the uploaded file is no longer there; import it again",
    }


def test_an_import_that_failed_by_itself_is_retried_with_its_file_and_no_other_one(
    caller: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> int:
        raise RuntimeError("the load job is gone")

    def worn_out(operation_id: str) -> dict[str, Any]:
        with monkeypatch.context() as patched:
            patched.setattr(Warehouse, "stage", broken)
            for _ in range(MAX_ATTEMPTS - 1):
                with pytest.raises(StepFailed):
                    work_on_import(config(), caller.tenant, operation_id, lambda: NOW)
            work_on_import(config(), caller.tenant, operation_id, lambda: NOW)
        failed: dict[str, Any] = caller.get(f"/operations/{operation_id}").json()
        assert (failed["status"], failed["error"]["code"]) == ("failed", "internal_error")
        return failed

    kept, lost = waiting(caller, SALES), waiting(caller, SALES)
    worn_out(kept)
    retried = caller.client.finished(caller.client.post(f"/operations/{kept}/retry"))
    assert (retried["status"], retried["counts"]["accepted"]) == ("succeeded", 3), retried
    assert len(caller.demand()) == 3
    assert_problem(caller.client.post(f"/operations/{kept}/retry"), 409, "not_retryable")
    worn_out(lost)
    uploads.remove(config(), uploads.object_name(caller.client.client_id, lost))  # a week has gone by
    retried = caller.client.finished(caller.client.post(f"/operations/{lost}/retry"))
    assert retried["error"] == {
        "code": "upload_gone",
        "detail": "the uploaded file is no longer there; import it again",
    }
    problem = assert_problem(caller.client.post(f"/operations/{lost}/retry"), 409, "not_retryable")
    assert "import it again" in problem["detail"]


class _Dying:
    """How well a row is a header, asked in a process that somebody ends."""

    def __call__(self, cells: Sequence[str | None]) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0


def test_an_import_whose_decoder_is_killed_is_tried_again(caller: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    operation_id = waiting(caller, _workbook(SALES), source_format=SourceFormat.EXCEL)
    with monkeypatch.context() as patched:
        patched.setattr(import_worker, "header_fit", lambda *_: _Dying())
        with pytest.raises(StepFailed):
            work(caller, operation_id, Clock())

    assert work(caller, operation_id, Clock()) == "running"
    assert end_of(caller, operation_id) == "succeeded"
    assert len(caller.demand()) == 3


def test_a_file_that_takes_too_much_to_decode_fails_the_import_for_good(
    caller: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation_id = waiting(caller, _workbook(SALES), source_format=SourceFormat.EXCEL)
    monkeypatch.setattr(decoding, "LIMITS", DecodingLimits(disk_bytes=100))

    assert work(caller, operation_id, Clock()) == "failed"

    operation = Operations(caller.tenant).get(operation_id)
    assert operation.error is not None
    assert operation.error["code"] == "decoding_too_costly"
    assert not operation.is_retryable
    assert caller.demand() == []


def _workbook(csv: bytes) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for line in csv.decode().splitlines():
        book.active.append(line.split(","))
    book.save(file)
    return file.getvalue()
