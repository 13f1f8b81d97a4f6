"""Products and stock as documents: decimals to the last digit, any id, batches."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from shared.domain.purchasing.item_planning import ItemPlanning
from shared.domain.purchasing.product import Product, StockLevel
from shared.firestore.products import Products, StockLevels
from tests.support.firestore_meter import FirestoreMeter
from tests.support.tenants import TestClient

KEPT = Product("A/1 %", "Lantern", sku=None, category="Lights", unit_cost=Decimal("2.50"), strategic=True)
PLANNED = Product(
    "planned",
    "Planned",
    planning=ItemPlanning(0.9, Decimal("1.5"), Decimal(20), True, dt.date(2024, 6, 3), "Discontinued"),
)


def test_a_product_comes_back_as_it_was(client: TestClient) -> None:
    products = Products(client.tenant)
    client.tenant.transact(lambda transaction: products.put(transaction, KEPT))
    stored = products.get("A/1 %")
    found = stored.value
    assert found == KEPT
    assert str(found.unit_cost) == "2.50"
    client.tenant.transact(lambda transaction: products.put(transaction, replace(KEPT, category="Lamps")))
    assert products.get("A/1 %").version > stored.version
    for planned in (PLANNED, replace(PLANNED, planning=ItemPlanning())):
        products.put_many([planned])
        assert products.get("planned").value == planned


def test_stock_is_exact_and_nothing_where_there_is_none(client: TestClient) -> None:
    stock = StockLevel("A/1 %", {"LONDON": Decimal("0.001"), "a.b`c": Decimal("10000000")})
    client.tenant.transact(lambda transaction: StockLevels(client.tenant).put(transaction, stock))
    found = StockLevels(client.tenant).get("A/1 %")
    assert found == stock
    assert found.total == Decimal("10000000.001")
    assert StockLevels(client.tenant).get("unknown") == StockLevel("unknown", {})


def test_the_stock_of_several_items_comes_in_one_call(client: TestClient, meter: FirestoreMeter) -> None:
    stock = [StockLevel(item, {"LONDON": Decimal(number)}) for number, item in enumerate(["A/1 %", "b", "c"])]
    StockLevels(client.tenant).put_many(stock)
    meter.reset()
    found = StockLevels(client.tenant).get_many(["c", "unknown", "A/1 %"])
    assert found == {"c": stock[2], "unknown": StockLevel("unknown", {}), "A/1 %": stock[0]}
    assert meter.of(client.client_id).reads == 3


def test_many_are_written_in_batches_and_read_back_for_one_read_each(client: TestClient, meter: FirestoreMeter) -> None:
    products = [Product(f"item {number}", "x") for number in range(801)]
    assert Products(client.tenant).put_many(products) == 801
    assert meter.of(client.client_id).writes == 801
    meter.reset()
    assert {one.item_id for one in Products(client.tenant).every()} == {one.item_id for one in products}
    assert meter.of(client.client_id).reads == 801


def test_which_products_there_are_is_asked_for_any_number(client: TestClient, meter: FirestoreMeter) -> None:
    products = Products(client.tenant)
    products.put_many([KEPT, Product("item 3", "x"), Product("item 1099", "x"), Product("other", "x")])
    wanted = [KEPT.item_id, *(f"item {number}" for number in range(1100))]
    meter.reset()
    assert products.existing_ids(wanted) == {KEPT.item_id, "item 3", "item 1099"}
    assert meter.of(client.client_id).reads == len(wanted)
    assert products.existing_ids([]) == set()
