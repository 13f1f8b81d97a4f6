"""The product list, details and edits, over HTTP."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from shared.domain.principal import Role
from shared.domain.product import Product
from tests.support.firestore_meter import FirestoreMeter
from tests.support.tenants import TestClient

ITEMS = [
    Product("A/1", "Red lantern", category="Lights", unit_cost=Decimal("2.50")),
    Product("b 2", "Blue mug", sku="MUG-BLUE", category="Kitchen", unit_cost=Decimal("4.00")),
    Product("ünï©ødé", "Green lantern", category="Lights", unit_cost=Decimal("10.00"), needs_review=True),
]


@pytest.fixture
def shop(client: TestClient) -> TestClient:
    """Three products at two locations, two of which sell."""
    client.stock(
        ITEMS,
        {"A/1": {"LONDON": "10", "DUBLIN": "5"}, "b 2": {"LONDON": "400"}, "ünï©ødé": {"LONDON": "7"}},
    )
    client.sell_daily({"A/1": 3, "b 2": 1})
    client.refresh()
    return client


def test_a_list_filters_sorts_and_pages(shop: TestClient) -> None:
    page = shop.get("/products", params={"sort": "-inventory_value", "page_size": 2}).json()
    assert [row["item_id"] for row in page["items"]] == ["b 2", "ünï©ødé"]
    assert (page["total"], page["page"], page["page_size"]) == (3, 1, 2)
    lights = shop.get("/products", params={"category": "Lights", "min_stock": 8, "search": "LANTERN"}).json()
    assert [row["item_id"] for row in lights["items"]] == ["A/1"]


def test_an_edit_shows_in_the_next_list(shop: TestClient) -> None:
    assert shop.call("PATCH", "/products/A%2F1", json={"category": "Lamps"}).status_code == 200
    assert [row["item_id"] for row in shop.get("/products?category=Lamps").json()["items"]] == ["A/1"]


def test_an_unchanged_list_costs_one_read(shop: TestClient, meter: FirestoreMeter) -> None:
    shop.get("/products")
    meter.reset()
    shop.get("/products?sort=-stockout_risk&status=understocked")
    assert meter.billed.reads == 1


def test_concurrent_edits_of_one_product_are_both_kept(shop: TestClient) -> None:
    edits = [{"category": "Lamps"}, {"product_name": "Crimson lantern"}]
    threads = [
        threading.Thread(target=shop.call, args=("PATCH", "/products/A%2F1"), kwargs={"json": edit}) for edit in edits
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = shop.get("/products?search=A/1").json()["items"][0]
    assert (row["category"], row["product_name"]) == ("Lamps", "Crimson lantern")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETING, Role.CEO])
def test_only_buyers_edit(shop: TestClient, role: Role) -> None:
    response = shop.call("PATCH", "/products/A%2F1", role=role, json={"category": "Lamps"})
    assert response.status_code == 403
    assert response.json()["code"] == "role_not_allowed"
