"""Where a product is kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

from shared.domain.access.principal import Role
from shared.firestore.products import StockLevels
from tests.support.editable_shop import row
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

MUG = "/products/b%202/locations"


def assign(client: TestClient, headers: dict[str, str] | None = None, **fields: Any) -> requests.Response:
    return client.post(MUG, json={"location_id": "DUBLIN"} | fields, headers=headers)


def levels(client: TestClient) -> dict[str, float]:
    return {one["location_id"]: one["current_stock"] for one in client.get(MUG).json()["items"]}


def test_the_rows_are_those_of_the_lists(full_shop: TestClient) -> None:
    page = full_shop.get("/products/A%2F1/locations", role=Role.VIEWER).json()
    assert (page["page"], page["page_size"], page["total"]) == (1, 50, 2)
    assert [one["location_id"] for one in page["items"]] == ["DUBLIN", "LONDON"]
    for shown in page["items"]:
        assert full_shop.get(f"/products?search=A/1&location_id={shown['location_id']}").json()["items"] == [shown]
    second = full_shop.get("/products/A%2F1/locations?page=2&page_size=1").json()
    assert second["items"] == page["items"][1:]


def test_a_product_that_is_nowhere_has_no_rows(full_shop: TestClient) -> None:
    assert full_shop.get("/products/empty/locations").json()["items"] == []


def test_a_location_is_assigned_and_empty(open_shop: TestClient) -> None:
    response = assign(open_shop)
    assert response.status_code == 201, response.text
    assert response.json() == {"item_id": "b 2", "location_id": "DUBLIN", "current_stock": 0}
    assert response.headers["Location"] == "/api/v1/products/b%202/locations"
    assert levels(open_shop) == {"DUBLIN": 0, "LONDON": 400}
    assert open_shop.get("/audit?subject=stock_level").json()["items"] == []


def test_stock_that_is_there_counts_and_is_audited(open_shop: TestClient) -> None:
    assert '"current_stock":2.500' in assign(open_shop, current_stock=2.5).text
    assert row(open_shop, "b 2")["current_stock"] == 402.5
    assert open_shop.get("/products?location_id=DUBLIN&search=b 2").json()["items"][0]["inventory_value"] == 10
    (entry,) = open_shop.get("/audit?subject=stock_level&subject_id=b 2").json()["items"]
    assert (entry["action"], entry["reason"]) == ("stock_level.corrected", "assigned to the location")
    assert entry["before"] == {"location_id": "DUBLIN", "current_stock": "0.000"}
    assert entry["after"] == {"location_id": "DUBLIN", "current_stock": "2.500"}


def test_a_location_is_assigned_once(open_shop: TestClient) -> None:
    problem = assert_problem(assign(open_shop, location_id="LONDON", current_stock=1), 409, "already_assigned")
    assert problem["detail"].startswith("product 'b 2' is kept at 'LONDON' already, with 400 in stock")
    assert levels(open_shop) == {"LONDON": 400}


def test_assigning_can_be_repeated(open_shop: TestClient) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first, second = (assign(open_shop, key, current_stock=3) for _ in range(2))
    assert (second.status_code, second.text) == (201, first.text)
    assert_problem(assign(open_shop, key, current_stock=4), 422, "idempotency_key_reused")
    # The same after a request that died before it could answer.
    next(iter(open_shop.tenant.collection("idempotency").stream())).reference.delete()
    assert assign(open_shop, key, current_stock=3).json() == first.json()
    assert levels(open_shop) == {"DUBLIN": 3, "LONDON": 400}
    assert len(open_shop.get("/audit").json()["items"]) == 1


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"current_stock": -1}, "/current_stock"),
        ({"current_stock": 0.0001}, "/current_stock"),
        ({"current_stock": None}, "/current_stock"),
        ({"location_id": ""}, "/location_id"),
    ],
)
def test_what_cannot_be_is_refused(open_shop: TestClient, fields: dict[str, Any], pointer: str) -> None:
    problem = assert_problem(assign(open_shop, **fields), 422, "invalid_input")
    assert problem["errors"][0]["pointer"] == pointer
    assert levels(open_shop) == {"LONDON": 400}


def test_what_is_unknown_is_told(open_shop: TestClient) -> None:
    problem = assert_problem(assign(open_shop, location_id="PARIS"), 422, "location_not_found")
    assert problem["detail"] == "no location 'PARIS': add it at /locations first"
    assert problem["errors"][0]["pointer"] == "/location_id"
    for method in ("GET", "POST"):
        missing = open_shop.call(method, "/products/none/locations", json={"location_id": "DUBLIN"})
        assert "'none'" in assert_problem(missing, 404, "product_not_found")["detail"]


@pytest.mark.parametrize("role", [Role.CEO, Role.MARKETING, Role.VIEWER, Role.SERVICE])
def test_only_editors_assign(open_shop: TestClient, role: Role) -> None:
    refused = open_shop.post(MUG, role=role, json={"location_id": "DUBLIN"})
    assert "allowed: ADMIN, PROCUREMENT" in assert_problem(refused, 403, "role_not_allowed")["detail"]
    assert open_shop.post(MUG, role=Role.PROCUREMENT, json={"location_id": "DUBLIN"}).status_code == 201


def test_other_clients_see_nothing_of_it(open_shop: TestClient, new_client: Callable[[], TestClient]) -> None:
    other = new_client()
    assert_problem(other.get(MUG), 404, "catalog_not_ready")
    assert_problem(assign(other), 404, "product_not_found")
    assert StockLevels(open_shop.tenant).get("b 2").levels == {"LONDON": 400}
