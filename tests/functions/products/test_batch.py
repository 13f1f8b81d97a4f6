"""Many products changed at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

from shared.domain.access.principal import Role
from shared.domain.purchasing.product import Product
from shared.firestore.products import Products
from tests.support.at_once import at_once
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient


def send(client: TestClient, *updates: object, headers: dict[str, str] | None = None) -> requests.Response:
    return client.post("/products/batch", json={"updates": updates}, headers=headers)


def results(client: TestClient, *updates: object) -> list[dict[str, Any]]:
    response = send(client, *updates)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["items"]
    return found


def shown(client: TestClient, column: str) -> dict[str, Any]:
    return {one["item_id"]: one[column] for one in client.get("/products").json()["items"]}


def test_all_updates_show_in_the_next_list(open_shop: TestClient) -> None:
    updates: list[dict[str, Any]] = [
        {"item_id": "A/1", "category": "Lamps", "unit_cost": 3},
        {"item_id": "b 2", "product_name": "Azure mug", "sku": None},
        {"item_id": "dead", "strategic": True, "needs_review": True},
    ]
    expected = [{"item_id": one["item_id"], "status": "updated", "error": None} for one in updates]
    assert results(open_shop, *updates) == expected
    assert shown(open_shop, "category")["A/1"] == "Lamps"
    assert shown(open_shop, "inventory_value")["A/1"] == 45
    assert shown(open_shop, "product_name")["b 2"] == "Azure mug"
    assert shown(open_shop, "sku")["b 2"] is None
    assert shown(open_shop, "needs_review")["dead"] is True
    assert Products(open_shop.tenant).get("dead").value.strategic is True


def test_what_is_wrong_fails_alone(open_shop: TestClient) -> None:
    before = shown(open_shop, "product_name")
    found = results(
        open_shop,
        {"item_id": "none", "category": "Lamps"},
        {"item_id": "A/1", "category": "Lamps"},
        {"item_id": "A/1", "category": "Lanterns"},
        {"item_id": "b 2", "unit_cost": -1, "category": "Lamps"},
        {"item_id": "dead", "colour": "grey"},
        {"category": "Lamps"},
        {"item_id": 7},
        {"item_id": "normal", "category": "Kitchen"},
        {"item_id": "gone"},
    )
    assert [(one["item_id"], one["status"], (one["error"] or {}).get("code")) for one in found] == [
        ("none", "failed", "product_not_found"),
        ("A/1", "updated", None),
        ("A/1", "failed", "duplicate_item"),
        ("b 2", "failed", "invalid_input"),
        ("dead", "failed", "invalid_input"),
        (None, "failed", "invalid_input"),
        (None, "failed", "invalid_input"),
        ("normal", "unchanged", None),
        ("gone", "unchanged", None),
    ]
    assert found[0]["error"] == {"code": "product_not_found", "detail": "no product 'none'", "errors": []}
    assert found[2]["error"]["detail"] == "product 'A/1' is in an earlier update of this request already"
    assert [one["pointer"] for one in found[3]["error"]["errors"]] == ["/updates/3/unit_cost"]
    assert "greater than or equal to 0 (given: -1)" in found[3]["error"]["detail"]
    assert found[4]["error"]["detail"].startswith("/updates/4/colour")
    assert found[5]["error"]["detail"].startswith("/updates/5/item_id")
    categories = shown(open_shop, "category")
    assert (categories["A/1"], categories["b 2"], categories["dead"]) == ("Lamps", "Kitchen", "Clothes")
    assert shown(open_shop, "product_name") == before
    assert open_shop.get("/products?search=none").json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        ({"updates": []}, "invalid_input", "/updates"),
        ({"updates": [{"item_id": str(number)} for number in range(251)]}, "invalid_input", "at most 250"),
        ({"updates": ["A/1"]}, "invalid_input", "/updates/0"),
        ({"updates": [], "mode": "fast"}, "unknown_field", "allowed: updates"),
        ({}, "invalid_input", "/updates"),
    ],
)
def test_what_is_no_batch_is_refused(open_shop: TestClient, body: dict[str, Any], code: str, told: str) -> None:
    problem = assert_problem(open_shop.post("/products/batch", json=body), 422, code)
    assert told in problem["detail"]


def test_a_batch_without_a_valid_update_changes_nothing(open_shop: TestClient, meter: FirestoreMeter) -> None:
    assert [one["status"] for one in results(open_shop, {"item_id": ""}, {})] == ["failed", "failed"]
    assert meter.of(open_shop.client_id).writes == 0


def test_a_batch_can_be_repeated(open_shop: TestClient) -> None:
    key, update = {"Idempotency-Key": uuid.uuid4().hex}, {"item_id": "A/1", "category": "Lamps"}
    first, second = (send(open_shop, update, headers=key) for _ in range(2))
    assert second.json() == first.json() == {"items": [{"item_id": "A/1", "status": "updated", "error": None}]}
    other = send(open_shop, {"item_id": "A/1", "category": "Lanterns"}, headers=key)
    assert_problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize("role", [Role.CEO, Role.MARKETING, Role.VIEWER, Role.SERVICE])
def test_only_editors_change_products(open_shop: TestClient, role: Role) -> None:
    refused = open_shop.post("/products/batch", role=role, json={"updates": [{"item_id": "A/1"}]})
    assert "allowed: ADMIN, PROCUREMENT" in assert_problem(refused, 403, "role_not_allowed")["detail"]


def test_products_of_other_clients_are_unknown(open_shop: TestClient, new_client: Callable[[], TestClient]) -> None:
    (found,) = results(new_client(), {"item_id": "A/1", "category": "Lamps"})
    assert found["error"]["code"] == "product_not_found"
    assert shown(open_shop, "category")["A/1"] == "Lights"


def test_edits_of_the_same_products_at_once_are_all_kept(open_shop: TestClient) -> None:
    """Two batches and two single edits, of different fields of the same products."""
    names = ("A/1", "b 2", "dead")
    answers = at_once(
        lambda: send(open_shop, *({"item_id": name, "category": "Lamps"} for name in names)),
        lambda: send(open_shop, *({"item_id": name, "product_name": f"New {name}"} for name in reversed(names))),
        lambda: open_shop.call("PATCH", "/products/A%2F1", json={"unit_cost": 9}),
        lambda: open_shop.call("PATCH", "/products/b%202", json={"unit_cost": 9}),
    )
    assert [one.status_code for one in answers] == [200] * 4
    assert {shown(open_shop, "category")[name] for name in names} == {"Lamps"}
    assert [shown(open_shop, "product_name")[name] for name in names] == [f"New {name}" for name in names]
    assert [shown(open_shop, "unit_cost")[name] for name in names] == [9, 9, 0.35]


def test_the_largest_batch_costs_a_read_more_for_a_list(client: TestClient, meter: FirestoreMeter) -> None:
    names = [f"item {number:03d}" for number in range(250)]
    client.stock([Product(name, name) for name in names], {})
    publish(client.tenant, catalog_rows(*({"item_id": name, "product_name": name} for name in names)))
    client.get("/products?location_id=LONDON")
    meter.reset()
    found = results(client, *({"item_id": name, "unit_cost": (number + 1) / 4} for number, name in enumerate(names)))
    assert [one["status"] for one in found] == ["updated"] * 250
    # Read: the pointer twice, the chunk of demand profiles, and of each item the product and the last edit.
    # Written: those, the rows of all in one document, and the pointer.
    assert (meter.of(client.client_id).reads, meter.of(client.client_id).writes) == (503, 502)
    meter.reset()
    page = client.get("/products?sort=-unit_cost&page_size=3").json()
    assert [one["unit_cost"] for one in page["items"]] == [62.5, 62.25, 62]
    assert meter.of(client.client_id).reads == 2


def test_half_a_surrogate_pair_is_no_text(open_shop: TestClient) -> None:
    body = b'{"updates": [{"item_id": "\\ud800", "category": "Lamps"}, {"item_id": "A/1", "product_name": "\\udc00"}]}'
    response = open_shop.post("/products/batch", data=body, headers={"Content-Type": "application/json"})
    problem = assert_problem(response, 422, "invalid_input")
    assert [error["pointer"] for error in problem["errors"]] == ["/updates/0/item_id", "/updates/1/product_name"]


@pytest.mark.parametrize("number", ["1E-39", "1E-99", "1e400", "-1E+99", "0." + "0" * 45 + "1", "1" * 60])
def test_no_number_of_a_filter_ends_the_process(open_shop: TestClient, number: str) -> None:
    body = '{"filters": {"min_current_stock": %s, "max_dir": %s}, "horizon_days": 1}' % (number, number)  # noqa: UP031
    response = open_shop.post("/forecast", data=body, headers={"Content-Type": "application/json"})
    assert_problem(response, 422, response.json()["code"])
    assert open_shop.get("/products").status_code == 200
