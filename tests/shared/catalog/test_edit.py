"""Edits of one item: its rows change with it, and none is lost to another edit or to a new snapshot."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from shared.catalog.codec import encode
from shared.catalog.edit import COMPACTION_THRESHOLD, ItemEdit, edit_item, needs_compaction, recompute_item
from shared.catalog.evaluation import evaluate_rows
from shared.catalog.live import current_catalog
from shared.catalog.store import CatalogStore
from shared.domain.errors import Unavailable
from shared.domain.product import Product, StockLevel
from shared.domain.settings import Settings
from shared.firestore.products import Products
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.tenants import TODAY, TestClient

ITEM = "A/1 %"
PROFILES = profile_frame(
    profile(ITEM, None, daily=[0.1, 0.7, 1.3] * 30),
    profile(ITEM, "LONDON", daily=[0.1, 0.2, 0.3] * 30),
    profile(ITEM, "DUBLIN", recent_mean=1 / 3, recent_variance=0.7),
    profile("b", None, recent_mean=2.0, recent_variance=1.0),
)


def rows(name: str, cost: str, **stock: int) -> Any:
    """ITEM in these places, and another item beside it."""
    shared = {"item_id": ITEM, "product_name": name, "unit_cost": Decimal(cost)}
    places = [{**shared, "location_id": place, "current_stock": Decimal(units)} for place, units in stock.items()]
    return catalog_rows({**shared, "current_stock": Decimal(sum(stock.values()))}, *places, {"item_id": "b"})


@pytest.fixture
def shop(client: TestClient) -> TestClient:
    client.stock([Product(ITEM, "Lantern", unit_cost=Decimal("2.50"))], {ITEM: {"LONDON": "30", "DUBLIN": "5"}})
    publish(client.tenant, rows("Lantern", "2.50", LONDON=30, DUBLIN=5), PROFILES)
    return client


def restock(edit: ItemEdit, **levels: int) -> None:
    edit.set_stock(StockLevel(ITEM, {place: Decimal(units) for place, units in levels.items()}))


def test_an_edited_row_is_what_computing_everything_gives(shop: TestClient) -> None:
    """To the last digit, at the item and at each place, with a place more and one less."""

    def work(edit: ItemEdit) -> None:
        edit.set_product(Product(ITEM, "Red lantern", unit_cost=Decimal("3.33"), category="Lights"))
        restock(edit, LONDON=7, ROTTERDAM=2)

    edit_item(shop.tenant, ITEM, work)
    expected = evaluate_rows(
        rows("Red lantern", "3.33", LONDON=7, ROTTERDAM=2, DUBLIN=0).with_columns(
            category=pl.when(pl.col("item_id") == ITEM).then(pl.lit("Lights")).otherwise("category")
        ),
        PROFILES,
        Settings(),
        TODAY,
    )
    catalog, whole = current_catalog(shop.tenant), pl.col("location_id").is_null()
    assert_frame_equal(catalog.items.frame, expected.filter(whole), check_exact=True)
    assert_frame_equal(catalog.locations.frame, expected.filter(~whole), check_exact=True)


def test_two_edits_of_one_item_build_on_each_other(shop: TestClient) -> None:
    edit_item(shop.tenant, ITEM, lambda edit: restock(edit, LONDON=1))
    edit_item(shop.tenant, ITEM, lambda edit: edit.set_product(Product(ITEM, "Renamed", unit_cost=Decimal(2))))
    (row,) = current_catalog(shop.tenant).items.rows_of(ITEM).to_dicts()
    assert (row["product_name"], row["current_stock"], row["inventory_value"]) == ("Renamed", 1, 2)


def test_edits_at_once_lose_nothing(shop: TestClient) -> None:
    def product(edit: ItemEdit) -> None:
        edit.set_product(Product(ITEM, "Renamed"))

    edits = [product, lambda edit: restock(edit, LONDON=1)]
    threads = [threading.Thread(target=edit_item, args=(shop.tenant, ITEM, work)) for work in edits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (row,) = current_catalog(shop.tenant).items.rows_of(ITEM).to_dicts()
    assert (row["product_name"], row["current_stock"]) == ("Renamed", 1)


def test_an_edit_that_a_new_snapshot_overtakes_lies_on_that_one(shop: TestClient) -> None:
    """Between an edit's look at the catalog and its commit new stock arrives: both have to show."""
    published: list[object] = []

    def work(edit: ItemEdit) -> None:
        product = Product(ITEM, "Renamed", unit_cost=Decimal("2.50"))
        if not published:
            shop.stock([], {ITEM: {"LONDON": "99"}})
            published.append(publish(shop.tenant, rows("Lantern", "2.50", LONDON=99), PROFILES))
        Products(shop.tenant).put(edit.transaction, product)
        edit.set_product(product)

    edit_item(shop.tenant, ITEM, work)
    catalog = current_catalog(shop.tenant)
    (row,) = catalog.items.rows_of(ITEM).to_dicts()
    assert (row["product_name"], row["current_stock"]) == ("Renamed", 99)
    assert catalog.locations.rows_of(ITEM)["location_id"].to_list() == ["LONDON"]


def test_recomputing_takes_the_snapshots_terms_and_the_documents_stock(shop: TestClient) -> None:
    """An edit made on the snapshot before carries its orders and its stock; neither may stay."""
    edit_item(shop.tenant, ITEM, lambda edit: restock(edit, LONDON=1))
    read_before_the_edit = current_catalog(shop.tenant).pointer.read_time + dt.timedelta(microseconds=1)
    ordered = rows("Lantern", "2.50", LONDON=30, DUBLIN=5).with_columns(on_order=Decimal(40))
    publish(shop.tenant, ordered, PROFILES, read_time=read_before_the_edit)
    recompute_item(shop.tenant, ITEM)
    (row,) = current_catalog(shop.tenant).items.rows_of(ITEM).to_dicts()
    assert (row["on_order"], row["current_stock"]) == (40, 35)


def test_an_item_that_the_catalog_does_not_hold_is_edited_without_a_row(shop: TestClient) -> None:
    edit_item(shop.tenant, "new", lambda edit: edit.set_product(Product("new", "New")))
    assert current_catalog(shop.tenant).items.frame["item_id"].to_list() == [ITEM, "b"]
    publish(shop.tenant, catalog_rows({"item_id": "new", "product_name": "From the documents"}))
    assert current_catalog(shop.tenant).items.frame["product_name"].to_list() == ["From the documents"]


def test_a_failed_edit_leaves_the_row_as_it_was(shop: TestClient) -> None:
    before = current_catalog(shop.tenant)

    def work(edit: ItemEdit) -> None:
        restock(edit, LONDON=1)
        raise Unavailable("down", "down")

    with pytest.raises(Unavailable):
        edit_item(shop.tenant, ITEM, work)
    assert current_catalog(shop.tenant) is before


def test_many_edits_ask_for_a_compaction(shop: TestClient) -> None:
    store = CatalogStore(shop.tenant)
    data = encode(current_catalog(shop.tenant).items.rows_of("b"))
    for start in range(0, COMPACTION_THRESHOLD, 100):
        names = [f"item {number}" for number in range(start, min(start + 100, COMPACTION_THRESHOLD - 1))]
        shop.tenant.transact(
            lambda transaction, names=names: [store.write_change(transaction, name, data) for name in names]  # type: ignore[misc]
        )
    assert not needs_compaction(shop.tenant)
    shop.tenant.transact(lambda transaction: store.write_change(transaction, "one more", data))
    assert needs_compaction(shop.tenant)
