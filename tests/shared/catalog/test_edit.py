"""Edits of one item: its rows change with it, and none is lost to another edit or to a new snapshot."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from shared.catalog import store as store_module
from shared.catalog.edit import (
    CatalogEdit,
    edit_catalog,
    edit_item,
    recompute_items,
)
from shared.catalog.evaluation import computed_rows
from shared.catalog.live import current_catalog
from shared.catalog.supplier_records import supplier_record
from shared.domain.errors import Unavailable
from shared.domain.purchasing.product import Condition, OpenOrderLine, Product, StockLevel
from shared.domain.purchasing.purchase_order import OrderLine
from shared.domain.purchasing.supplier import Supplier
from shared.domain.settings import Settings
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products
from tests.support import shops
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.orders import put_order
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


def restock(edit: CatalogEdit, **levels: int) -> None:
    edit.set_stock(StockLevel(ITEM, {place: Decimal(units) for place, units in levels.items()}))


def test_an_edited_row_is_what_computing_everything_gives(shop: TestClient) -> None:
    """To the last digit, at the item and at each place, with a place more and one less."""

    def work(edit: CatalogEdit) -> None:
        edit.set_product(Product(ITEM, "Red lantern", unit_cost=Decimal("3.33"), category="Lights"))
        restock(edit, LONDON=7, ROTTERDAM=2)

    edit_item(shop.tenant, ITEM, work)
    catalog, whole = current_catalog(shop.tenant), pl.col("location_id").is_null()
    expected = computed_rows(
        rows("Red lantern", "3.33", LONDON=7, ROTTERDAM=2, DUBLIN=0).with_columns(
            category=pl.when(pl.col("item_id") == ITEM).then(pl.lit("Lights")).otherwise("category")
        ),
        PROFILES,
        Settings(),
        catalog.snapshot.service_levels(Settings()),
        TODAY,
    )
    assert_frame_equal(catalog.items.frame, expected.filter(whole), check_exact=True)
    assert_frame_equal(catalog.locations.frame, expected.filter(~whole), check_exact=True)


def test_two_edits_of_one_item_build_on_each_other(shop: TestClient) -> None:
    edit_item(shop.tenant, ITEM, lambda edit: restock(edit, LONDON=1))
    edit_item(shop.tenant, ITEM, lambda edit: edit.set_product(Product(ITEM, "Renamed", unit_cost=Decimal(2))))
    (row,) = current_catalog(shop.tenant).items.rows_of(ITEM).to_dicts()
    assert (row["product_name"], row["current_stock"], row["inventory_value"]) == ("Renamed", 1, 2)


def test_edits_at_once_lose_nothing(shop: TestClient) -> None:
    def product(edit: CatalogEdit) -> None:
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

    def work(edit: CatalogEdit) -> None:
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


def test_recomputing_takes_the_snapshots_demand_and_the_documents_everything_else(shop: TestClient) -> None:
    """An edit made on the snapshot before carries its stock, terms and orders; none of them may stay."""
    edit_item(shop.tenant, ITEM, lambda edit: restock(edit, LONDON=1))
    read_before_the_edit = current_catalog(shop.tenant).pointer.read_time + dt.timedelta(microseconds=1)
    publish(shop.tenant, rows("Lantern", "2.50", LONDON=30, DUBLIN=5), PROFILES, read_time=read_before_the_edit)
    Conditions(shop.tenant).put_many([terms("acme", 9)])
    line = OrderLine(ITEM, "Lantern", Decimal(40), Decimal(0), Decimal("1.50"), 9)
    put_order(shop, shops.order(po_number="PO-1", lines=(line,)))
    recompute_items(shop.tenant, [ITEM])
    (row,) = current_catalog(shop.tenant).items.rows_of(ITEM).to_dicts()
    assert (row["on_order"], row["current_stock"], row["lead_time_days"]) == (40, 35, 9)
    assert (row["supplier_name"], row["open_lines"][0]["po_number"]) == ("Acme", "PO-1")


def test_an_item_that_the_catalog_does_not_hold_is_edited_without_a_row(shop: TestClient) -> None:
    edit_item(shop.tenant, "new", lambda edit: edit.set_product(Product("new", "New")))
    assert current_catalog(shop.tenant).items.frame["item_id"].to_list() == [ITEM, "b"]
    publish(shop.tenant, catalog_rows({"item_id": "new", "product_name": "From the documents"}))
    assert current_catalog(shop.tenant).items.frame["product_name"].to_list() == ["From the documents"]


def terms(supplier_id: str, lead_time_days: int, **fields: Any) -> Condition:
    fields = {
        "moq": Decimal(12),
        "packaging_qty": Decimal(6),
        "supplier_cost": Decimal("1.50"),
        "is_primary": True,
        **fields,
    }
    return Condition(ITEM, supplier_id, supplier_id.title(), lead_time_days, **fields)


def test_conditions_decide_lead_time_supplier_and_reorder_quantity(shop: TestClient) -> None:
    before = current_catalog(shop.tenant).items.rows_of(ITEM).row(0, named=True)
    edit_item(shop.tenant, ITEM, lambda edit: edit.set_conditions(ITEM, [terms("acme", 60, moq=Decimal(100))]))
    row = current_catalog(shop.tenant).items.rows_of(ITEM).row(0, named=True)
    assert (row["supplier_id"], row["lead_time_days"], row["moq"]) == ("acme", 60, 100)
    assert row["stockout_risk"] > before["stockout_risk"]
    edit_item(shop.tenant, ITEM, lambda edit: restock(edit, LONDON=1))
    assert current_catalog(shop.tenant).items.rows_of(ITEM).row(0, named=True)["reorder_quantity"] == 102  # packs of 6
    edit_item(shop.tenant, ITEM, lambda edit: edit.set_conditions(ITEM, []))
    row = current_catalog(shop.tenant).items.rows_of(ITEM).row(0, named=True)
    assert (row["supplier_id"], row["lead_time_days"], row["moq"]) == (None, 14, None)


def line(
    order_id: str, units: int, *, item_id: str = ITEM, place: str | None = "LONDON", days: int = 5
) -> OpenOrderLine:
    return OpenOrderLine(order_id, f"PO-{order_id}", item_id, place, Decimal(units), TODAY + dt.timedelta(days))


def test_an_orders_lines_show_in_all_its_items_with_one_edit(shop: TestClient, meter: FirestoreMeter) -> None:
    def place_order(edit: CatalogEdit) -> None:
        edit.load(ITEM, "b")
        edit.set_order_lines("1", [line("1", 40), line("1", 7, item_id="b", place=None, days=60)])

    edit_catalog(shop.tenant, place_order)
    meter.reset()
    catalog = current_catalog(shop.tenant)
    assert meter.of(shop.client_id).reads == 2
    whole, other = catalog.items.rows_of(ITEM).row(0, named=True), catalog.items.rows_of("b").row(0, named=True)
    assert (whole["on_order"], whole["receipts_due"], whole["inventory_position"]) == (40, 40, 75)
    assert (other["on_order"], other["receipts_due"]) == (7, 0)
    places = {row["location_id"]: row["on_order"] for row in catalog.locations.rows_of(ITEM).to_dicts()}
    assert places == {"LONDON": 40, "DUBLIN": 0}


def test_orders_add_up_and_each_is_replaced_by_itself(shop: TestClient) -> None:
    def lines(order_id: str, units: int) -> None:
        edit_item(shop.tenant, ITEM, lambda edit: edit.set_order_lines(order_id, [line(order_id, units)]))

    lines("1", 40)
    lines("2", 2)
    lines("1", 10)
    row = current_catalog(shop.tenant).items.rows_of(ITEM).row(0, named=True)
    assert row["on_order"] == 12
    assert sorted(one["po_number"] for one in row["open_lines"]) == ["PO-1", "PO-2"]
    lines("1", 0)
    edit_item(shop.tenant, ITEM, lambda edit: edit.set_order_lines("2", []))
    row = current_catalog(shop.tenant).items.rows_of(ITEM).row(0, named=True)
    assert (row["on_order"], row["open_lines"]) == (0, None)


def test_twenty_orders_of_one_item_at_once_are_all_on_order(shop: TestClient) -> None:
    def order(number: int) -> None:
        edit_item(shop.tenant, ITEM, lambda edit: edit.set_order_lines(str(number), [line(str(number), 1)]))

    threads = [threading.Thread(target=order, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = current_catalog(shop.tenant).items.rows_of(ITEM).row(0, named=True)
    assert (row["on_order"], len(row["open_lines"])) == (20, 20)


def test_a_large_edit_is_spread_over_documents_that_it_fits(shop: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "CHUNK_BYTES", 1)

    def both(edit: CatalogEdit) -> None:
        edit.load(ITEM, "b")
        edit.set_order_lines("1", [line("1", 1), line("1", 2, item_id="b")])
        edit.put("suppliers", supplier_record(Supplier("s", "S"), None))

    edit_catalog(shop.tenant, both)
    catalog = current_catalog(shop.tenant)
    assert len(catalog.edits) == 2
    assert [catalog.items.rows_of(item)["on_order"][0] for item in (ITEM, "b")] == [1, 2]
    assert catalog.suppliers["supplier_id"].to_list() == ["s"]


def test_side_records_are_put_replaced_and_removed(shop: TestClient) -> None:
    def supplier(name: str) -> dict[str, Any]:
        new = Supplier("acme", name, external_id="7", minimum_order_value=Decimal("99.50"), notes="by phone")
        return supplier_record(new, None)

    edit_item(shop.tenant, ITEM, lambda edit: edit.set_conditions(ITEM, [terms("acme", 9)]))
    edit_catalog(shop.tenant, lambda edit: edit.put("suppliers", supplier("First")))
    edit_catalog(shop.tenant, lambda edit: edit.put("suppliers", supplier("Acme & Sons")))
    catalog = current_catalog(shop.tenant)
    (shown,) = catalog.suppliers.to_dicts()
    committed = catalog.edits[-1].committed_at
    assert shown == supplier("Acme & Sons") | {"created_at": committed, "updated_at": committed}
    assert catalog.items.rows_of(ITEM)["supplier_name"].to_list() == ["Acme & Sons"]
    assert set(catalog.locations.rows_of(ITEM)["supplier_name"]) == {"Acme & Sons"}
    edit_catalog(shop.tenant, lambda edit: edit.remove("suppliers", "acme"))
    assert current_catalog(shop.tenant).suppliers.is_empty()


def test_a_failed_edit_leaves_the_row_as_it_was(shop: TestClient) -> None:
    before = current_catalog(shop.tenant)

    def work(edit: CatalogEdit) -> None:
        restock(edit, LONDON=1)
        raise Unavailable("down")

    with pytest.raises(Unavailable):
        edit_item(shop.tenant, ITEM, work)
    assert current_catalog(shop.tenant) is before
