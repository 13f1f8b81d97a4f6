"""What an operation stored is shown by a metrics refresh, and the end of that is its end."""

from __future__ import annotations

import datetime as dt

import pytest

from shared.domain.operation import SHOWING, Counts, Operation, OperationIsStored, OperationRequest, OperationStatus
from shared.tasks.metrics_refresh import RefreshRequest, await_refresh
from shared.tasks.operations import Operations
from shared.tasks.worker import LeaseLost, OperationOutcome, Reporter, run
from tests.support.tenants import TestClient

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=1)
COUNTS = Counts(3, 2, 1)


@pytest.fixture
def operations(client: TestClient) -> Operations:
    operations = Operations(client.tenant)
    operations.start(OperationRequest("import", "etl", "/internal/x", "ann", NOW, id="import"))
    return operations


def store(operations: Operations, refresh_id: str | None = None) -> OperationStatus:
    """The work of an import that has changed something."""

    def work(_: Operation, reporter: Reporter) -> None:
        request = RefreshRequest("ann", NOW, operation_id=refresh_id)
        reporter.await_refresh(request, OperationOutcome({"inserted": 2}, COUNTS))

    return run(operations, "import", work, lambda: NOW)


def end(operations: Operations, refresh_id: str, status: OperationStatus) -> None:
    def to(refresh: Operation) -> Operation:
        match status:
            case OperationStatus.SUCCEEDED:
                return refresh.succeeded(LATER, {}, None)
            case OperationStatus.FAILED:
                return refresh.failed(LATER, "internal_error", "gave up")
            case _:
                return refresh.cancelled(LATER)

    operations.end_those_awaiting(operations.change(refresh_id, to), LATER)


def test_it_runs_until_the_refresh_has_ended(operations: Operations) -> None:
    assert store(operations, "refresh") is OperationStatus.RUNNING
    waiting = operations.get("import")
    assert (waiting.status, waiting.step, waiting.awaits) == (OperationStatus.RUNNING, SHOWING, "refresh")
    assert (waiting.result, waiting.counts, waiting.finished_at) == ({"inserted": 2}, COUNTS, None)
    operations.end_those_awaiting(operations.get("refresh"), LATER)
    assert not operations.get("import").finished  # the refresh has not
    end(operations, "refresh", OperationStatus.SUCCEEDED)
    ended = operations.get("import")
    assert (ended.status, ended.step, ended.finished_at) == (OperationStatus.SUCCEEDED, None, LATER)
    assert (ended.result, ended.counts) == ({"inserted": 2}, COUNTS)


@pytest.mark.parametrize("status", [OperationStatus.FAILED, OperationStatus.CANCELLED])
def test_without_the_refresh_lists_do_not_show_it_and_it_says_so(
    operations: Operations, status: OperationStatus
) -> None:
    store(operations, "refresh")
    end(operations, "refresh", status)
    ended = operations.get("import")
    assert ended.status is OperationStatus.FAILED
    assert ended.error is not None
    assert ended.error["code"] == "refresh_failed"
    assert f"refresh {status}" in ended.error["detail"]
    assert ended.counts == COUNTS


def test_what_is_stored_cannot_be_cancelled_nor_is_it_done_again(operations: Operations) -> None:
    store(operations, "refresh")
    with pytest.raises(OperationIsStored, match="refresh brings it into the lists"):
        operations.change("import", lambda operation: operation.cancelled(LATER))
    assert run(operations, "import", lambda *_: pytest.fail("done again"), lambda: LATER) is OperationStatus.RUNNING


def test_it_joins_a_refresh_that_has_not_started_and_no_other(operations: Operations) -> None:
    operations.start(OperationRequest("metrics_refresh", "inventory", "/internal/refresh", "bob", NOW, id="waits"))
    store(operations)
    assert operations.get("import").awaits == "waits"
    operations.start(OperationRequest("import", "etl", "/internal/x", "ann", NOW, id="second"))
    operations.change("waits", lambda refresh: refresh.claimed(NOW))
    await_refresh(
        operations.tenant, "second", RefreshRequest("ann", NOW), lambda each, id_: each.awaiting(id_, {}, None, NOW)
    )
    assert operations.get("second").awaits not in (None, "waits")


def test_a_refresh_that_had_ended_ends_it_at_once(operations: Operations) -> None:
    request = OperationRequest("metrics_refresh", "inventory", "/internal/refresh", "job", NOW, id="refresh-run")
    operations.start(request)
    operations.change("refresh-run", lambda refresh: refresh.succeeded(NOW, {}, None))
    store(operations, "refresh-run")
    assert operations.get("import").status is OperationStatus.SUCCEEDED


def test_a_worker_that_was_taken_over_does_not_hand_it_on(operations: Operations) -> None:
    def work(claimed: Operation, reporter: Reporter) -> None:
        operations.change("import", lambda operation: operation.released().claimed(LATER))
        reporter.await_refresh(RefreshRequest("ann", NOW, operation_id="refresh"), OperationOutcome({}))

    with pytest.raises(LeaseLost):
        run(operations, "import", work, lambda: NOW)
    assert operations.get("import").awaits is None
