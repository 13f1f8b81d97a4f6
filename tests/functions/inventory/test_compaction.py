"""Edits that pile up on a snapshot are merged into a new one."""

from __future__ import annotations

import datetime as dt

from functions.inventory.service import COMPACTION_THRESHOLD, compact_catalogs
from shared.catalog.store import CatalogStore
from shared.config import config
from shared.domain.settings import Settings
from shared.firestore.transaction import Transaction
from tests.support.catalogs import catalog_rows
from tests.support.shops import PRODUCTS, STOCK
from tests.support.tenants import TODAY, TestClient, eventually


def test_many_edits_are_merged_into_a_new_snapshot(client: TestClient) -> None:
    client.stock(PRODUCTS, STOCK)
    client.sell_daily({"A/1": 2}, days=3)
    client.refresh(rebuild=True)
    store, nothing = CatalogStore(client.tenant), catalog_rows()
    pointer = store.pointer().pointer
    assert pointer is not None
    assert pointer.last_sale == TODAY - dt.timedelta(1)

    def edit(count: int) -> None:
        def work(transaction: Transaction) -> None:
            for number in range(count):
                store.write_edit(transaction, [f"item {number}"], nothing, {}, Settings().metric_inputs)

        client.tenant.transact(work)

    edit(COMPACTION_THRESHOLD - 2)
    client.call("PATCH", "/products/A%2F1", json={"category": "Lamps"})
    compact_catalogs(config(), dt.datetime.now(dt.UTC))
    assert len(client.get("/operations").json()["items"]) == 1  # the refresh of the set-up
    edit(1)
    assert compact_catalogs(config(), dt.datetime.now(dt.UTC)) >= 1
    eventually(lambda: not store.pointer().edits, "the edits to be in a snapshot")
    (row,) = client.get("/products?search=A/1").json()["items"]
    assert row["category"] == "Lamps"
