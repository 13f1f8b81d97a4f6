"""Operations as documents: started together with their task, listed by page, changed in transactions."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest

from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.operation import (
    Counts,
    Operation,
    OperationFilter,
    OperationKind,
    OperationRequest,
    OperationStatus,
    Progress,
)
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.page import PageRequest
from shared.tasks.operations import Operations
from tests.support.tenants import TestClient

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def operations(client: TestClient) -> Operations:
    return Operations(client.tenant)


def start(
    operations: Operations,
    kind: str = "import",
    now: dt.datetime = NOW,
    *,
    coalesce: bool = False,
    operation_id: str | None = None,
) -> tuple[Operation, OutboxEntry | None]:
    request = OperationRequest(kind, "etl", "/internal/x", "user", now, id=operation_id)
    return operations.start(request, coalesce=coalesce)


def outbox(client: TestClient) -> list[str]:
    return [found.id for found in client.tenant.collection("outbox").stream()]


def test_an_operation_comes_back_as_it_was(operations: Operations) -> None:
    started, _ = operations.start(
        OperationRequest("import", "etl", "/internal/x", "user", NOW, {"kind": "sales", "n": 3, "list": ["a"]})
    )
    assert operations.get(started.id) == started
    worked = operations.change(started.id, lambda one: one.claimed(NOW).advanced("loading", Progress(2, None), NOW))
    assert operations.get(started.id) == worked
    done = operations.change(started.id, lambda one: one.succeeded(NOW, {"rows": 3}, Counts(3, 2, 1)))
    assert operations.get(started.id) == done


def test_it_is_started_together_with_its_task(client: TestClient, operations: Operations) -> None:
    started, entry = start(operations)
    assert entry is not None
    assert outbox(client) == [entry.id] == [started.id]
    assert entry.body == {"client_id": client.client_id, "operation_id": started.id}
    assert (entry.function, entry.path, entry.created_at) == ("etl", "/internal/x", NOW)


def test_one_that_waits_to_start_is_joined_by_those_that_may(client: TestClient, operations: Operations) -> None:
    first, _ = start(operations, coalesce=True)
    joined, entry = start(operations, now=NOW + MINUTE, coalesce=True)
    assert (joined.id, entry) == (first.id, None)
    assert start(operations, "other kind", coalesce=True)[0].id != first.id
    assert start(operations, coalesce=False)[0].id != first.id
    assert len(outbox(client)) == 3


def test_one_that_has_started_or_waits_suspiciously_long_is_not_joined(operations: Operations) -> None:
    first, _ = start(operations, coalesce=True)
    late, _ = start(operations, now=NOW + 11 * MINUTE, coalesce=True)
    assert late.id != first.id
    for one in (first, late):
        operations.change(one.id, lambda found: found.claimed(NOW))
    assert start(operations, now=NOW + 12 * MINUTE, coalesce=True)[0].id not in (first.id, late.id)


def test_the_same_id_is_started_once(client: TestClient, operations: Operations) -> None:
    first, entry = start(operations, operation_id="chosen")
    again, nothing = start(operations, now=NOW + MINUTE, operation_id="chosen")
    assert first.id == "chosen"
    assert entry is not None
    assert again == first
    assert nothing is None
    assert outbox(client) == ["chosen"]


def test_pages_are_the_newest_first_and_hold_each_once(operations: Operations) -> None:
    """Also those that were started at the very same time."""
    minutes = (0, 1, 1, 1, 2)
    ids = [start(operations, now=NOW + number * MINUTE)[0].id for number in minutes]
    seen: list[str] = []
    position: str | None = None
    for size in (2, 2, 1):
        page, position, total = operations.page(PageRequest(2, position=position))
        assert total == len(ids)
        assert len(page) == size
        seen += [one.id for one in page]
    assert position is None
    assert (seen[0], seen[-1], set(seen)) == (ids[-1], ids[0], set(ids))


@pytest.mark.parametrize("position", ["", "now x", "2024-06-03T12:00:00+00:00", "2024-06-03T12:00:00+00:00 "])
def test_a_position_that_no_page_gave_is_refused(operations: Operations, position: str) -> None:
    with pytest.raises(Invalid, match="invalid_page_token"):
        operations.page(PageRequest(2, position=position))


def test_pages_of_some_kinds_or_of_a_status(operations: Operations) -> None:
    kinds = ["etl_import.products", "metrics_refresh", "metrics_refresh.rebuild", "etl_import.products"]
    started = [start(operations, kind, NOW + number * MINUTE)[0] for number, kind in enumerate(kinds)]
    operations.change(started[3].id, lambda one: one.claimed(NOW))

    def numbers(*names: str, statuses: tuple[OperationStatus, ...] = ()) -> list[int]:
        chosen = OperationFilter(tuple(map(OperationKind, names)), statuses)
        page = operations.page(PageRequest(10), chosen).items
        return [[one.id for one in started].index(found.id) for found in page]

    assert numbers("etl_import.products") == [3, 0]
    assert numbers("metrics_refresh", "metrics_refresh.rebuild") == [2, 1]
    assert numbers(statuses=(OperationStatus.PENDING,)) == [2, 1, 0]
    assert numbers(statuses=(OperationStatus.PENDING, OperationStatus.RUNNING)) == [3, 2, 1, 0]
    assert numbers("etl_import.products", statuses=(OperationStatus.RUNNING,)) == [3]


def test_an_unknown_operation_is_not_found(operations: Operations) -> None:
    with pytest.raises(NotFound, match="operation_not_found"):
        operations.get("a/b")
    with pytest.raises(NotFound):
        operations.change("nothing", lambda one: one)


def test_another_tenants_operation_is_not_found(operations: Operations, new_client: Callable[[], TestClient]) -> None:
    started, _ = start(operations)
    with pytest.raises(NotFound):
        Operations(new_client().tenant).get(started.id)


def test_of_two_workers_one_gets_the_claim(operations: Operations) -> None:
    started, _ = start(operations)
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def claim() -> None:
        together.wait()
        try:
            operations.change(started.id, lambda one: one.claimed(NOW))
            outcomes.append("claimed")
        except Conflict as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=claim) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["claimed", "operation_claimed"]
    assert operations.get(started.id).attempt == 1
