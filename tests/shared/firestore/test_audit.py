"""The audit log: an entry is there exactly when the change that it tells of is."""

from __future__ import annotations

import datetime as dt

import pytest

from shared.config import config
from shared.domain.access.audit import Actor, AuditAction, AuditFilter
from shared.domain.access.principal import Role
from shared.firestore.audit import AuditLog
from shared.firestore.page import PageRequest
from shared.firestore.transaction import Transaction
from tests.support.tenants import TestClient

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
ANN = Actor("ann", Role.ADMIN, NOW)


def test_an_entry_comes_and_fails_with_its_transaction(client: TestClient) -> None:
    log = AuditLog(client.tenant, config())

    def change(transaction: Transaction) -> None:
        log.add(transaction, ANN, AuditAction.USER_CHANGED, "bob", after={"role": "CEO"})
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        client.tenant.transact(change)
    assert log.page(PageRequest(10), AuditFilter()) == ([], None, 0)


def test_a_transaction_that_runs_again_tells_of_itself_once(client: TestClient) -> None:
    log, document = AuditLog(client.tenant, config()), client.tenant.collection("things").document("1")
    runs: list[int] = []

    def change(transaction: Transaction) -> None:
        transaction.get(document)
        if not runs:
            document.set({"by": "another"})
        runs.append(1)
        transaction.set(document, {"by": "us"})
        log.add(transaction, ANN, AuditAction.USER_CHANGED, "bob")

    client.tenant.transact(change)
    entries, following, _ = log.page(PageRequest(10), AuditFilter(user_id="ann"))
    assert (len(runs), len(entries), following) == (2, 1, None)
    assert (entries[0].at, entries[0].role, entries[0].action) == (NOW, Role.ADMIN, AuditAction.USER_CHANGED)
