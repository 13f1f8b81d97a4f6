"""The mark of an import that writes in batches."""

from __future__ import annotations

from shared.firestore.unfinished_imports import UnfinishedImports
from tests.support.tenants import TestClient


def test_a_mark_stays_until_its_import_is_finished(client: TestClient) -> None:
    marks, others = UnfinishedImports(client.tenant, "suppliers"), UnfinishedImports(client.tenant, "product-suppliers")
    assert not marks.any()
    marks.begin("one")
    assert (marks.any(), others.any()) == (True, False)
    marks.begin("two")
    client.tenant.transact(lambda transaction: marks.finish(transaction, "one"))
    assert marks.any()
    client.tenant.transact(lambda transaction: marks.finish(transaction, "two"))
    assert not marks.any()
    client.tenant.transact(lambda transaction: marks.finish(transaction, "two"))
