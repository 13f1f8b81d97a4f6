"""Transactions: all or nothing, on what was read, without lost updates and without waiting for locks."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core.exceptions import Aborted
from google.cloud.firestore import SERVER_TIMESTAMP, DocumentReference

from shared.domain.errors import NotFound
from shared.firestore import transaction as module
from shared.firestore.driver import Write
from shared.firestore.transaction import Transaction
from tests.support.firestore_meter import FirestoreMeter
from tests.support.tenants import TestClient

Seen = list[dict[str, Any] | None]


@pytest.fixture
def document(client: TestClient) -> Callable[[str], DocumentReference]:
    """Documents of a collection of the client's own."""
    return client.tenant.collection("things").document


def test_a_failed_transaction_writes_nothing(client: TestClient, document: Callable[[str], DocumentReference]) -> None:
    def work(transaction: Transaction) -> None:
        transaction.set(document("one"), {"written": True})
        raise NotFound("gone")

    with pytest.raises(NotFound):
        client.tenant.transact(work)
    assert not document("one").get().exists


def test_every_kind_of_write_is_made(client: TestClient, document: Callable[[str], DocumentReference]) -> None:
    for name in ("replaced", "merged", "updated", "deleted"):
        document(name).set({"kept": 1})

    def work(transaction: Transaction) -> None:
        transaction.create(document("created"), {"a": 1})
        transaction.set(document("replaced"), {"a": 1})
        transaction.set(document("merged"), {"a": 1}, merge=True)
        transaction.update(document("updated"), {"a": 1})
        transaction.delete(document("deleted"))

    client.tenant.transact(work)
    assert {one.id: one.to_dict() for one in client.tenant.collection("things").stream()} == {
        "created": {"a": 1},
        "replaced": {"a": 1},
        "merged": {"kept": 1, "a": 1},
        "updated": {"kept": 1, "a": 1},
    }


@pytest.mark.parametrize("writes_it", [True, False], ids=["written", "only read"])
@pytest.mark.parametrize("before", [None, {"count": 1}], ids=["missing", "there"])
@pytest.mark.parametrize("found_by", ["get", "get_all", "depend_on"])
def test_what_was_read_has_not_changed_when_it_is_committed(
    client: TestClient,
    document: Callable[[str], DocumentReference],
    before: dict[str, Any] | None,
    found_by: str,
    writes_it: bool,
) -> None:
    read, written, seen = document("read"), document("read" if writes_it else "other"), Seen()
    if before is not None:
        read.set(before)

    def work(transaction: Transaction) -> None:
        if found_by == "depend_on":
            found = read.get()
            transaction.depend_on(found)
        else:
            found = transaction.get(read) if found_by == "get" else transaction.get_all([read, document("x")])[0]
        seen.append(found.to_dict())
        if len(seen) == 1:
            read.set({"count": 2})
        transaction.set(written, {"written": len(seen)})

    client.tenant.transact(work)
    assert seen == [before, {"count": 2}]
    assert written.get().to_dict() == {"written": 2}


def test_a_document_that_is_only_read_stays_the_version_that_it_was(
    client: TestClient, document: Callable[[str], DocumentReference]
) -> None:
    document("read").set({"nested": {"a": [1, 2]}})
    before = document("read").get()

    def work(transaction: Transaction) -> None:
        transaction.get_all([document("read"), document("missing")])
        transaction.set(document("other"), {})

    client.tenant.transact(work)
    after = document("read").get()
    assert (after.update_time, after.to_dict()) == (before.update_time, before.to_dict())
    assert not document("missing").get().exists


def test_many_documents_come_in_the_order_of_their_references(
    client: TestClient, document: Callable[[str], DocumentReference]
) -> None:
    names = [str(number) for number in range(20, 0, -1)]
    for name in names[::2]:
        document(name).set({"name": name})

    def work(transaction: Transaction) -> list[Any]:
        return [one.to_dict() for one in transaction.get_all(document(name) for name in names)]

    found = client.tenant.transact(work)
    assert [one and one["name"] for one in found] == [name if i % 2 == 0 else None for i, name in enumerate(names)]


def test_reading_alone_writes_nothing(
    client: TestClient, document: Callable[[str], DocumentReference], meter: FirestoreMeter
) -> None:
    client.tenant.transact(lambda transaction: transaction.get(document("one")))
    billed = meter.of(client.client_id)
    assert (billed.reads, billed.writes, billed.deletes) == (1, 0, 0)


def test_twenty_at_once_lose_nothing(client: TestClient, document: Callable[[str], DocumentReference]) -> None:
    runs: list[int] = []

    def work(transaction: Transaction) -> int:
        count = (transaction.get(document("one")).to_dict() or {}).get("count", 0) + 1
        runs.append(count)
        transaction.set(document("one"), {"count": count})
        return int(count)

    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(client.tenant.transact(work))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == list(range(1, 21))
    assert document("one").get().to_dict() == {"count": 20}
    assert len(runs) > 20


def test_a_document_that_never_rests_is_given_up(
    client: TestClient, document: Callable[[str], DocumentReference], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ATTEMPTS", 3)
    runs: list[int] = []

    def work(transaction: Transaction) -> None:
        transaction.get(document("one"))
        document("one").set({"count": len(runs)})
        runs.append(len(runs))
        transaction.set(document("one"), {"written": True})

    with pytest.raises(Aborted, match="kept changing"):
        client.tenant.transact(work)
    assert runs == [0, 1, 2]
    assert document("one").get().to_dict() == {"count": 2}


def test_a_transaction_within_another_one_does_not_wait_for_it(
    client: TestClient, document: Callable[[str], DocumentReference]
) -> None:
    """Both in the line of those who came second."""
    runs: list[int] = []

    def work(transaction: Transaction) -> None:
        runs.append(len(runs))
        transaction.get(document("one"))
        if len(runs) == 1:
            document("one").set({"changed": True})
        client.tenant.transact(lambda inner: inner.set(document("inner"), {"run": len(runs)}))
        transaction.set(document("one"), {"run": len(runs)})

    client.tenant.transact(work)
    assert document("one").get().to_dict() == document("inner").get().to_dict() == {"run": 2}


def test_each_write_has_the_version_that_its_commit_gave_the_document(
    client: TestClient, document: Callable[[str], DocumentReference]
) -> None:
    for name in ("same", "changed", "seen"):
        document(name).set({"a": 1})
    same = document("same").get().update_time

    def work(transaction: Transaction) -> list[Write]:
        transaction.get_all([document("seen"), document("changed")])
        return [
            transaction.create(document("new"), {"a": 1}),
            transaction.set(document("same"), {"a": 1}),
            transaction.set(document("changed"), {"a": 2, "at": SERVER_TIMESTAMP}, merge=True),
        ]

    written = client.tenant.transact(work)
    stored = [document(name).get().update_time for name in ("new", "same", "changed")]
    assert [write.update_time for write in written] == stored
    assert stored[1] == same


def test_a_version_is_that_of_its_own_commit(client: TestClient, document: Callable[[str], DocumentReference]) -> None:
    written = client.tenant.transact(lambda transaction: transaction.set(document("one"), {"mine": True}))
    mine = document("one").get().update_time
    document("one").set({"mine": False})
    assert written.update_time == mine != document("one").get().update_time


def test_there_are_no_times_before_the_commit(client: TestClient, document: Callable[[str], DocumentReference]) -> None:
    def work(transaction: Transaction) -> dt.datetime:
        return transaction.set(document("one"), {}).update_time

    with pytest.raises(RuntimeError, match="once its transaction is committed"):
        client.tenant.transact(work)


def test_a_write_knows_when_its_document_was_made(
    client: TestClient, document: Callable[[str], DocumentReference]
) -> None:
    def work(transaction: Transaction) -> list[Write]:
        transaction.get_all([document("kept"), document("first")])
        return [transaction.set(document(name), {"a": 1}) for name in ("kept", "first", "unseen")]

    document("kept").set({})
    kept, first, unseen = client.tenant.transact(work)
    assert kept.create_time == document("kept").get().create_time < kept.update_time
    assert first.create_time == first.update_time == document("first").get().create_time
    with pytest.raises(RuntimeError, match="in the transaction that writes it"):
        assert unseen.create_time
