"""Edits of a product: in every list at once, none lost, versions honoured."""

from __future__ import annotations

import threading
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import requests

from tests.support.at_once import at_once
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.shops import PRODUCTS, STOCK
from tests.support.tenants import TestClient


@pytest.fixture
def shop(running: Running) -> TestClient:
    """The products of the full shop, published by hand; free to change."""
    client = TestClient(running.base_url).create()
    client.stock(PRODUCTS, STOCK)
    rows = [
        {**vars(one), "location_id": place, "current_stock": Decimal(units)}
        for one in PRODUCTS
        for place, units in [(None, "15"), *STOCK.get(one.item_id, {}).items()]
    ]
    publish(client.tenant, catalog_rows(*rows), profile_frame(profile("A/1", daily=[3.0] * 90)))
    return client


def row(client: TestClient, item_id: str = "A/1") -> dict[str, Any]:
    found: dict[str, Any] = client.get("/products", params={"search": item_id}).json()["items"][0]
    return found


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("product_name", "Crimson lantern"),
        ("sku", "LANT"),
        ("category", "Lamps"),
        ("unit_cost", 3.33),
        ("needs_review", True),
    ],
)
def test_a_patched_field_shows_in_the_next_list(shop: TestClient, field: str, value: Any) -> None:
    before = row(shop)
    response = shop.call("PATCH", "/products/A%2F1", json={field: value})
    assert response.status_code == 200
    assert response.json()[field] == value
    after = row(shop)
    assert after[field] == value
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {field} | ({"inventory_value"} if field == "unit_cost" else set())


def test_an_edit_shows_at_every_location_too(shop: TestClient) -> None:
    shop.call("PATCH", "/products/A%2F1", json={"unit_cost": 1})
    values = {
        place: shop.get(f"/products?location_id={place}&search=A/1").json()["items"] for place in ("LONDON", "DUBLIN")
    }
    assert {place: rows[0]["inventory_value"] for place, rows in values.items()} == {"LONDON": 10, "DUBLIN": 5}


def test_an_edit_shows_in_filters_sorts_and_the_dashboard(shop: TestClient) -> None:
    before = shop.get("/dashboard").json()["metrics"]["total_inventory_value"]
    shop.call("PATCH", "/products/A%2F1", json={"category": "Lamps", "unit_cost": 1002.50})
    assert [one["item_id"] for one in shop.get("/products?category=Lamps").json()["items"]] == ["A/1"]
    assert shop.get("/products?sort=-inventory_value").json()["items"][0]["item_id"] == "A/1"
    assert shop.get("/dashboard").json()["metrics"]["total_inventory_value"] == before + 15_000


def test_a_strategic_product_is_no_dead_stock(shop: TestClient) -> None:
    assert shop.call("PATCH", "/products/A%2F1", json={"strategic": True}).json()["strategic"] is True


def test_a_cost_has_its_cents_however_it_was_given(shop: TestClient) -> None:
    for given in ({"unit_cost": 3}, {"unit_cost": 3.0}, {"unit_cost": 3.00}):
        assert '"unit_cost":3.00' in shop.call("PATCH", "/products/A%2F1", json=given).text
    assert '"unit_cost":0.00' in shop.call("PUT", "/products/A%2F1", json={"product_name": "x"}).text


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_answer_is_of_its_own_commit(shop: TestClient, method: str) -> None:
    before = shop.call("PATCH", "/products/A%2F1", json={"category": "Lamps"}).json()

    def save(price: int) -> requests.Response:
        return shop.call(method, "/products/A%2F1", json={"product_name": "Lamp", "unit_price": price})

    answers = at_once(*(partial(save, price) for price in range(1, 7)))
    for answer in answers:
        fields = answer.json()
        assert answer.headers["ETag"].strip('"').startswith(fields["updated_at"][:19])
        assert fields["created_at"] == before["created_at"] < fields["updated_at"]
    tags = {answer.headers["ETag"]: answer.json()["unit_price"] for answer in answers}
    assert len(tags) == 6
    now = shop.get("/products/A%2F1")
    assert tags[now.headers["ETag"]] == now.json()["unit_price"]


def test_put_replaces_all_fields(shop: TestClient) -> None:
    shop.call("PATCH", "/products/b%202", json={"needs_review": True, "unit_price": 9.95})
    assert shop.get("/products/b%202").json()["unit_price"] == 9.95
    response = shop.call("PUT", "/products/b%202", json={"product_name": "Mug"})
    expected = {
        "product_name": "Mug",
        "sku": None,
        "category": "Uncategorized",
        "unit_cost": 0,
        "unit_price": None,
        "needs_review": False,
        "strategic": False,
        "planning": None,
    }
    assert {name: response.json()[name] for name in expected} == expected
    assert row(shop, "b 2")["category"] == "Uncategorized"


def test_an_empty_patch_changes_nothing(shop: TestClient) -> None:
    before = row(shop)
    assert shop.call("PATCH", "/products/A%2F1", json={}).status_code == 200
    assert row(shop) == before


@pytest.mark.parametrize("field", ["product_name", "category", "unit_cost", "needs_review", "strategic"])
def test_a_field_that_must_have_a_value_is_not_emptied(shop: TestClient, field: str) -> None:
    assert_problem(shop.call("PATCH", "/products/A%2F1", json={field: None}), 422, "invalid_input")
    assert shop.get("/products").status_code == 200


def test_a_sku_can_be_taken_away(shop: TestClient) -> None:
    assert shop.call("PATCH", "/products/b%202", json={"sku": None}).json()["sku"] is None
    assert row(shop, "b 2")["sku"] is None


@pytest.mark.parametrize("field", ["product_name", "sku", "category"])
@pytest.mark.parametrize("text", ["Mug\x07", "Mug\u202e", "Mug\nred", "   ", "x" * 501])
def test_a_text_that_an_import_would_reject_is_refused(shop: TestClient, field: str, text: str) -> None:
    problem = assert_problem(shop.call("PATCH", "/products/A%2F1", json={field: text}), 422, "invalid_input")
    assert problem["errors"][0]["pointer"] == f"/{field}"


@pytest.mark.parametrize("cost", [99999999999999.99, 1_000_000_000.01])
def test_a_cost_that_no_thing_has_is_refused(shop: TestClient, cost: float) -> None:
    assert_problem(shop.call("PATCH", "/products/A%2F1", json={"unit_cost": cost}), 422, "invalid_input")


def test_a_version_is_honoured(shop: TestClient) -> None:
    first = shop.call("PATCH", "/products/A%2F1", json={"category": "Lamps"})
    version = {"If-Match": first.headers["ETag"]}
    second = shop.call("PATCH", "/products/A%2F1", json={"category": "Lanterns"}, headers=version)
    assert second.status_code == 200
    stale = shop.call("PUT", "/products/A%2F1", json={"product_name": "Lost"}, headers=version)
    problem = assert_problem(stale, 412, "stale_version")
    assert second.headers["ETag"].strip('"') in problem["detail"]
    assert row(shop)["category"] == "Lanterns"


def test_the_detail_has_the_version_that_an_edit_needs(full_shop: TestClient, shop: TestClient) -> None:
    assert full_shop.get("/products/normal").headers["ETag"]
    edited = shop.call("PATCH", "/products/normal", json={"category": "Cloth"}).headers["ETag"]
    assert shop.get("/products/normal").headers["ETag"] == edited


def test_concurrent_edits_of_one_product_are_both_kept(shop: TestClient) -> None:
    edits = [{"category": "Lamps"}, {"product_name": "Crimson lantern"}]
    threads = [
        threading.Thread(target=shop.call, args=("PATCH", "/products/A%2F1"), kwargs={"json": edit}) for edit in edits
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = row(shop)
    assert (found["category"], found["product_name"]) == ("Lamps", "Crimson lantern")


def test_an_edit_costs_a_few_reads_and_four_writes(shop: TestClient, meter: FirestoreMeter) -> None:
    """The product, its change document, the edit, and the pointer are written."""
    shop.call("PATCH", "/products/A%2F1", json={"category": "Lamps"})
    meter.reset()
    shop.call("PATCH", "/products/A%2F1", json={"category": "Lanterns"})
    assert meter.of(shop.client_id).writes == 4
    # The pointer before and after, the edit that the catalog lacks, the item's last edit, the product.
    assert meter.of(shop.client_id).reads == 5


def test_a_product_that_is_not_there_is_not_made(shop: TestClient) -> None:
    assert_problem(shop.call("PUT", "/products/new", json={"product_name": "New"}), 404, "product_not_found")
    assert shop.get("/products?search=new").json()["total"] == 0


def test_a_product_can_be_edited_before_the_first_metrics(client: TestClient) -> None:
    client.stock(PRODUCTS, STOCK)
    assert client.call("PATCH", "/products/A%2F1", json={"category": "Lamps"}).status_code == 200
    client.refresh()
    assert row(client)["category"] == "Lamps"
