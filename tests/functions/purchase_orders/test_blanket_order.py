"""A call-off contract: 1 MiB of lines with long ids, of which everything arrives a unit at a time (faults, O1)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.domain.location import Location
from shared.domain.purchasing.product import Condition, Product
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.conditions import Conditions
from shared.firestore.locations import Locations
from shared.firestore.products import StockLevels
from shared.firestore.suppliers import Suppliers
from tests.support.catalogs import catalog_rows, publish
from tests.support.running import Running
from tests.support.tenants import TestClient

ITEMS = [f"BIG-{number:03d}-" + "\N{CJK UNIFIED IDEOGRAPH-754C}" * 192 for number in range(170)]  # 600 bytes each
_RECEIPTS = 19  # the eighteenth was refused


@pytest.fixture(scope="module")
def contract(running: Running) -> TestClient:
    client = TestClient(running.base_url).create()
    tenant = client.tenant
    client.stock([Product(item, item.title()) for item in ITEMS], {item: {"SHOP": "10"} for item in ITEMS})
    Suppliers(tenant).put_many([Supplier("bug", "A supplier")])
    Conditions(tenant).put_many(
        [
            Condition(item, "bug", "A supplier", 5, Decimal(1), Decimal(1), Decimal("1.75"), is_primary=True)
            for item in ITEMS
        ]
    )
    tenant.transact(lambda transaction: Locations(tenant).put(transaction, Location("SHOP", "Shop", is_default=True)))
    places = [
        {"item_id": item, "product_name": item, "location_id": place, "current_stock": Decimal(10)}
        for item in ITEMS
        for place in (None, "SHOP")
    ]
    publish(tenant, catalog_rows(*places))
    return client


def test_what_has_arrived_can_always_be_booked(contract: TestClient) -> None:
    lines = [{"item_id": item, "quantity": 1000} for item in ITEMS]
    made = contract.post("/purchase-orders", json={"supplier_id": "bug", "items": lines})
    assert made.status_code == 201, made.text
    path = f"/purchase-orders/{made.json()['id']}"
    assert contract.call("PUT", f"{path}/status", json={"status": "confirmed"}).status_code == 200
    for _ in range(_RECEIPTS):
        answer = contract.post(f"{path}/receipts", json={"lines": [line | {"quantity": 1} for line in lines]})
        assert answer.status_code == 201, answer.text
    found = contract.get(path).json()
    assert (found["receipt_count"], len(found["receipts"])) == (_RECEIPTS, 10)
    assert {line["received"] for line in found["items"]} == {_RECEIPTS}
    assert StockLevels(contract.tenant).get(ITEMS[-1]).levels == {"SHOP": 10 + _RECEIPTS}
    row = contract.get("/products", params={"search": ITEMS[-1]}).json()["items"][0]
    assert (row["current_stock"], row["on_order"]) == (10 + _RECEIPTS, 1000 - _RECEIPTS)
