"""Planning of a product over HTTP: what it takes, shows, and changes of what is suggested."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.purchasing.item_planning import ItemPlanning
from shared.domain.purchasing.product import Product
from shared.firestore.products import Products
from tests.support.planned_shop import plan
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TestClient

FAR = "2999-12-31"
NOTHING = {
    "service_level": None,
    "min_stock": None,
    "max_stock": None,
    "do_not_order": False,
    "do_not_order_until": None,
    "reason": None,
}


@pytest.fixture
def shop(running: Running) -> TestClient:
    client = plan(TestClient(running.base_url).create())
    Products(client.tenant).put_many([Product("A/1", "The A/1"), Product("uplifted", "The uplifted")])
    return client


def planned(client: TestClient, planning: Any, method: str = "PATCH") -> Any:
    """The planning of the product after a change, as the answer has it and its detail."""
    name = {"product_name": "The A/1"} if method == "PUT" else {}
    response = client.call(method, "/products/A%2F1", json={"planning": planning, **name})
    assert response.status_code == 200, response.text
    shown = response.json()["planning"]
    assert client.get("/products/A%2F1").json()["planning"] == shown
    return shown


def suggested(client: TestClient, location_id: str | None = None) -> set[str]:
    groups = client.get("/order-planning/suggestions", params={"location_id": location_id}).json()["groups"]
    return {line["item_id"] for group in groups for line in group["lines"]}


def test_patch_sets_what_is_given_and_null_removes_it(shop: TestClient) -> None:
    assert shop.get("/products/A%2F1").json()["planning"] is None
    first = {"service_level": 0.9, "min_stock": 5, "reason": "Shop window"}
    assert planned(shop, first) == NOTHING | first
    assert planned(shop, {"max_stock": 7.5, "reason": None}) == NOTHING | first | {"max_stock": 7.5, "reason": None}
    assert planned(shop, {}) == NOTHING | {"service_level": 0.9, "min_stock": 5, "max_stock": 7.5}
    assert shop.call("PATCH", "/products/A%2F1", json={"category": "Lamps"}).json()["planning"]["max_stock"] == 7.5
    assert planned(shop, {"service_level": None, "min_stock": None, "max_stock": None}) is None


def test_put_replaces_all_of_it(shop: TestClient) -> None:
    planned(shop, {"service_level": 0.9, "min_stock": 5})
    assert planned(shop, {"max_stock": 7}, "PUT") == NOTHING | {"max_stock": 7}
    assert shop.call("PUT", "/products/A%2F1", json={"product_name": "The A/1"}).json()["planning"] is None


def test_what_is_blocked_is_suggested_nowhere_until_that_is_taken_back(shop: TestClient) -> None:
    assert "A/1" in suggested(shop)
    assert "A/1" in suggested(shop, "LONDON")
    blocked = {"do_not_order": True, "do_not_order_until": FAR, "reason": "Recalled"}
    assert planned(shop, blocked) == NOTHING | blocked
    asked = shop.post("/order-planning/cart/add-suggestions", json={"items": [{"item_id": "A/1"}]})
    assert f"do_not_order until {FAR}: Recalled" in asked.text
    assert "A/1" not in suggested(shop)
    assert "A/1" not in suggested(shop, "LONDON")
    assert shop.get("/products?do_not_order=true").json()["total"] == 1
    others = shop.get("/products?do_not_order=false").json()["items"]
    assert "A/1" not in {row["item_id"] for row in others}
    assert len(others) == shop.get("/products").json()["total"] - 1
    assert planned(shop, {"do_not_order": False}) == NOTHING | {"reason": "Recalled"}
    assert "A/1" in suggested(shop)


def test_the_metrics_say_what_it_changes(shop: TestClient) -> None:
    planned(shop, {"service_level": 0.6, "max_stock": 20})
    metrics = shop.get("/products/A%2F1/metrics").json()
    assert (metrics["service_level"], metrics["order_up_to"]) == (0.6, 20)
    assert metrics["computed_from"]["cost_basis"] == "supplier_cost"  # put without a unit_cost
    assert metrics["inventory_value"] == 15 * 1.75
    detail = shop.get("/products/A%2F1").json()
    assert (detail["cost_basis"], detail["price_basis"]) == ("supplier_cost", "supplier_cost")


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize(
    ("planning", "code", "field", "told"),
    [
        ({"service_level": 0}, "invalid_input", "service_level", "0"),
        ({"service_level": 1}, "invalid_input", "service_level", "1"),
        ({"service_level": "0.9"}, "invalid_input", "service_level", "0.9"),
        ({"min_stock": -1}, "invalid_input", "min_stock", "-1"),
        ({"max_stock": 0.0001}, "invalid_input", "max_stock", "0.0001"),
        ({"reason": "x" * 501}, "invalid_input", "reason", "500"),
        ({"colour": "red"}, "invalid_input", "colour", "not permitted"),
        ({"min_stock": 5, "max_stock": 4}, "stock_limits_out_of_order", "max_stock", "below min_stock 5"),
        ({"do_not_order_until": FAR}, "nothing_blocked", "do_not_order_until", FAR),
        ({"do_not_order": False, "do_not_order_until": FAR}, "nothing_blocked", "do_not_order_until", FAR),
        (
            {"do_not_order": True, "do_not_order_until": "2001-01-01"},
            "block_ends_in_the_past",
            "do_not_order_until",
            "2001-01-01",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused_by_its_field(
    shop: TestClient, method: str, planning: dict[str, Any], code: str, field: str, told: str
) -> None:
    body = {"product_name": "The A/1", "planning": planning}
    problem = assert_problem(shop.call(method, "/products/A%2F1", json=body), 422, code)
    assert problem["errors"][0]["pointer"] == f"/planning/{field}"
    assert told in problem["errors"][0]["detail"]
    assert Products(shop.tenant).get("A/1").value.planning is None


def test_limits_are_compared_with_those_that_stay(shop: TestClient) -> None:
    planned(shop, {"min_stock": 5})
    response = shop.call("PATCH", "/products/A%2F1", json={"planning": {"max_stock": 4}})
    assert_problem(response, 422, "stock_limits_out_of_order")


def test_an_update_of_a_batch_that_cannot_be_planned_fails_alone(shop: TestClient) -> None:
    updates = [
        {"item_id": "A/1", "planning": {"min_stock": 5, "max_stock": 4}},
        {"item_id": "uplifted", "planning": {"do_not_order": True}},
    ]
    failed, updated = shop.post("/products/batch", json={"updates": updates}).json()["items"]
    assert (failed["status"], failed["error"]["code"]) == ("failed", "stock_limits_out_of_order")
    assert failed["error"]["errors"][0]["pointer"] == "/updates/0/planning/max_stock"
    assert updated["status"] == "updated"
    assert suggested(shop) & {"A/1", "uplifted"} == {"A/1"}


def test_a_block_that_has_ended_is_shown_and_can_be_sent_back(shop: TestClient) -> None:
    ended = ItemPlanning(do_not_order=True, do_not_order_until=dt.date(2024, 1, 1), min_stock=Decimal(3))
    Products(shop.tenant).put_many([Product("A/1", "The A/1", planning=ended)])
    shown = planned(shop, {"min_stock": 4})
    assert shown["do_not_order_until"] == "2024-01-01"
    assert planned(shop, shown, "PUT") == shown
    assert "A/1" in suggested(shop)


def test_planning_survives_a_refresh_and_a_rebuild(client: TestClient) -> None:
    client.stock([Product("a", "A", unit_cost=Decimal(2))], {"a": {"LONDON": "5"}})
    client.refresh()
    planning = {"min_stock": 9, "do_not_order": True, "do_not_order_until": FAR, "reason": "Fragile"}
    client.call("PATCH", "/products/a", json={"planning": planning})
    for rebuild in (False, True):
        client.refresh(rebuild=rebuild)
        assert client.get("/products/a").json()["planning"] == NOTHING | planning
        assert client.get("/products/a/metrics").json()["order_up_to"] == 9
