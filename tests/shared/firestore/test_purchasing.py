"""Conditions, open orders and locations as planning needs them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from shared.domain.product import Condition, OpenOrderLine
from shared.firestore.purchasing import Conditions, Locations, OpenOrders
from tests.support.tenants import TestClient


def condition(item_id: str, supplier_id: str, lead_time_days: int = 5, *, is_primary: bool = False) -> Condition:
    return Condition(
        item_id, supplier_id, supplier_id, lead_time_days, Decimal("1.500"), Decimal(6), Decimal("2.25"), is_primary
    )


def test_conditions_are_found_by_item_the_ruling_one_first(client: TestClient) -> None:
    kept = [condition("a", "slow", 30), condition("a", "fast", 2), condition("a", "own", 90, is_primary=True)]
    assert Conditions(client.tenant).put_many([*kept, condition("b", "fast")]) == 4
    assert Conditions(client.tenant).of_item("a") == [kept[2], kept[1], kept[0]]
    assert sorted(Conditions(client.tenant).by_item()) == ["a", "b"]


def test_conditions_of_ids_that_hold_bars_stay_apart(client: TestClient) -> None:
    kept = [condition("a|b", "c"), condition("a", "b|c"), condition("a%7Cb", "c"), condition("a|", "|c")]
    Conditions(client.tenant).put_many(kept)
    assert sum(len(found) for found in Conditions(client.tenant).by_item().values()) == 4


def order(order_id: str, status: str, lines: list[tuple[str, str, str]], **fields: Any) -> dict[str, Any]:
    return {
        "id": order_id,
        "po_number": f"PO-{order_id}",
        "supplier_id": "s",
        "status": status,
        "expected_delivery_date": "2024-06-10",
        "item_ids": [item for item, _, _ in lines],
        "items": [{"item_id": item, "quantity": asked, "received": got} for item, asked, got in lines],
    } | fields


def test_open_orders_count_what_is_still_to_come(client: TestClient) -> None:
    orders = client.tenant.collection("purchase_orders")
    orders.document("1").set(order("1", "partially_received", [("a", "10", "4.5"), ("b", "3", "5")]))
    orders.document("2").set(order("2", "received", [("a", "10", "0")]))
    orders.document("3").set(
        order("3", "pending", [("a", "7", "0")], expected_delivery_date=None, location_id="LONDON")
    )
    lines = OpenOrders(client.tenant).lines()
    assert sorted(lines, key=lambda one: (one.item_id, one.outstanding)) == [
        OpenOrderLine("a", None, Decimal("5.5"), dt.date(2024, 6, 10)),
        OpenOrderLine("a", "LONDON", Decimal(7), None),
        OpenOrderLine("b", None, Decimal(0), dt.date(2024, 6, 10)),  # more came than was asked for: clamped at 0
    ]
    found = OpenOrders(client.tenant).of_item("a")
    assert {(one["order_id"], one["outstanding"]) for one in found} == {("1", Decimal("5.5")), ("3", Decimal(7))}


def test_locations_are_known_by_id(client: TestClient) -> None:
    client.tenant.collection("locations").document("x").set({"location_id": "LONDON", "name": "London"})
    assert Locations(client.tenant).names() == {"LONDON": "London"}
