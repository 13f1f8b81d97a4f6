"""Items and places named as Firestore names its own: ordered, received, corrected and listed like any other."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.domain.location import Location
from shared.domain.purchasing.product import Condition, Product
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.conditions import Conditions
from shared.firestore.locations import Locations
from shared.firestore.suppliers import Suppliers
from tests.support.catalogs import catalog_rows, publish
from tests.support.tenants import TestClient

ITEM, PLACE, SUPPLIER = "__A__", "__P__", "__S__"
LONG = "\N{CJK UNIFIED IDEOGRAPH-6F22}" * 500  # more bytes than a name in a document may have


@pytest.mark.parametrize("item_id", [ITEM, "__", "%5F%5FA__", LONG])
def test_from_cart_to_stock(client: TestClient, item_id: str) -> None:
    tenant = client.tenant
    client.stock([Product(item_id, "An item")], {item_id: {PLACE: "10"}})
    Suppliers(tenant).put_many([Supplier(SUPPLIER, "A supplier")])
    terms = Condition(item_id, SUPPLIER, "A supplier", 5, Decimal(1), Decimal(1), Decimal("1.75"), is_primary=True)
    Conditions(tenant).put_many([terms])
    tenant.transact(lambda transaction: Locations(tenant).put(transaction, Location(PLACE, "A place", is_default=True)))
    places = [{"item_id": item_id, "location_id": place, "current_stock": Decimal(10)} for place in (None, PLACE)]
    publish(tenant, catalog_rows(*places))

    line = {"item_id": item_id, "supplier_id": SUPPLIER}
    assert client.post("/order-planning/cart/add", json=line | {"quantity": 12}).status_code == 200
    placed = client.post("/purchase-orders/from-cart")
    assert placed.status_code == 201, placed.text
    path = f"/purchase-orders/{placed.json()['orders'][0]['id']}"
    client.call("PUT", f"{path}/status", json={"status": "confirmed"})
    arrived = {"lines": [{"item_id": item_id, "quantity": 12}]}
    received = client.post(f"{path}/receipts", json=arrived)
    assert (received.status_code, received.json()["status"]) == (201, "received")
    (row,) = client.get("/products").json()["items"]
    assert (row["item_id"], row["current_stock"], row["on_order"]) == (item_id, 22, 0)
    entries = client.get("/audit").json()["items"]
    assert {"purchase_order.created", "purchase_order.goods_received"} <= {entry["action"] for entry in entries}
    (stocked,) = (entry for entry in entries if entry["action"] == "stock_level.received")
    assert stocked["after"] == {"location_id": PLACE, "levels": {item_id: "22.000"}}
