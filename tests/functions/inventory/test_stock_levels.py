"""Stock per item and location: the list, and corrections by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from shared.domain.access.principal import Role
from shared.firestore.products import StockLevels
from tests.support.at_once import at_once
from tests.support.editable_shop import row
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

STOCK = "/inventory/stock-levels"
COUNTED = {"item_id": "A/1", "location_id": "LONDON", "current_stock": 8.5, "reason": "counted"}


def correct(client: TestClient, **fields: Any) -> requests.Response:
    return client.call("PUT", STOCK, json=COUNTED | fields)


def audited(client: TestClient) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = client.get("/audit?subject=stock_level&subject_id=A/1").json()["items"]
    return entries


def test_the_list_has_a_row_for_each_item_and_location(full_shop: TestClient) -> None:
    page = full_shop.get(f"{STOCK}?page_size=200", role=Role.VIEWER).json()
    assert page["total"] == len(page["items"]) == 10
    keys = [(one["item_id"], one["location_id"]) for one in page["items"]]
    assert keys == sorted(keys)
    shown = full_shop.get("/products?search=A/1&location_id=DUBLIN").json()["items"][0]
    columns = {
        "item_id",
        "product_name",
        "location_id",
        "current_stock",
        "on_order",
        "inventory_value",
        "status",
        "as_of",
    }
    assert {name: value for name, value in shown.items() if name in columns} in page["items"]
    assert all(set(one) == columns for one in page["items"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("item_id=A/1", ["A/1 DUBLIN", "A/1 LONDON"]),
        ("location_id=ROTTERDAM", ["strategic ROTTERDAM"]),
        ("item_id=A/1&location_id=LONDON", ["A/1 LONDON"]),
        ("search=LANTERN", ["A/1 DUBLIN", "A/1 LONDON", "ünï©ødé LONDON"]),
        ("search=kitchen&location_id=DUBLIN", ["normal DUBLIN"]),
        ("page=2&page_size=1&item_id=A/1", ["A/1 LONDON"]),
        ("item_id=a/1", []),
    ],
)
def test_the_list_is_narrowed(full_shop: TestClient, query: str, expected: list[str]) -> None:
    page = full_shop.get(f"{STOCK}?{query}").json()
    assert [f"{one['item_id']} {one['location_id']}" for one in page["items"]] == expected


def test_the_list_costs_one_read(full_shop: TestClient, meter: FirestoreMeter) -> None:
    full_shop.get(STOCK)
    meter.reset()
    full_shop.get(STOCK)
    assert (meter.of(full_shop.client_id).reads, meter.of(full_shop.client_id).writes) == (1, 0)


def test_an_unknown_filter_is_named(full_shop: TestClient) -> None:
    problem = assert_problem(full_shop.get(f"{STOCK}?status=normal"), 422, "unknown_field")
    assert "'status'" in problem["detail"]


def test_a_correction_shows_in_every_list_at_once(open_shop: TestClient) -> None:
    before = open_shop.get("/dashboard").json()["metrics"]["total_inventory_value"]
    risk = row(open_shop)["stockout_risk"]
    response = correct(open_shop)
    assert response.status_code == 200, response.text
    assert response.json() == {
        "item_id": "A/1",
        "current_stock": 13.5,
        "locations": [{"location_id": "DUBLIN", "current_stock": 5}, {"location_id": "LONDON", "current_stock": 8.5}],
    }
    (kept,) = open_shop.get(f"{STOCK}?item_id=A/1&location_id=LONDON").json()["items"]
    assert (kept["current_stock"], kept["inventory_value"]) == (8.5, 21.25)
    (shown,) = open_shop.get("/products?search=A/1").json()["items"]
    assert (shown["current_stock"], shown["inventory_position"], shown["inventory_value"]) == (13.5, 13.5, 33.75)
    assert shown["stockout_risk"] >= risk
    assert open_shop.get("/dashboard").json()["metrics"]["total_inventory_value"] == before - 3.75
    assert row(open_shop)["reorder_quantity"] == 98  # of the 111 for 30 days and the buffer, whole ones


def test_a_correction_is_audited(open_shop: TestClient) -> None:
    correct(open_shop, reason="  two were broken ")
    correct(open_shop)  # finds what is there
    (entry,) = audited(open_shop)
    assert (entry["action"], entry["reason"]) == ("stock_level.corrected", "two were broken")
    assert entry["before"] == {"location_id": "LONDON", "current_stock": "10.000"}
    assert entry["after"] == {"location_id": "LONDON", "current_stock": "8.500"}
    assert (entry["user_id"], entry["role"]) == (f"user-{open_shop.client_id}", "ADMIN")


def test_stock_turns_up_at_a_further_location(open_shop: TestClient) -> None:
    assert correct(open_shop, location_id="ROTTERDAM", current_stock=1).json()["current_stock"] == 16
    assert open_shop.get(f"{STOCK}?item_id=A/1").json()["total"] == 3


def test_where_stock_is_it_can_be_corrected_although_the_location_is_not_kept(open_shop: TestClient) -> None:
    open_shop.tenant.collection("locations").document("LONDON").delete()
    assert correct(open_shop).status_code == 200


def test_two_corrections_at_different_locations_at_once_both_count(open_shop: TestClient) -> None:
    places = {"LONDON": 1, "DUBLIN": 2, "ROTTERDAM": 4}
    answers = at_once(
        *(
            lambda place=place, units=units: correct(open_shop, location_id=place, current_stock=units)
            for place, units in places.items()
        )
    )
    assert [one.status_code for one in answers] == [200] * 3
    assert StockLevels(open_shop.tenant).get("A/1").levels == places
    assert row(open_shop)["current_stock"] == 7
    assert len(audited(open_shop)) == 3


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"current_stock": -0.001}, "/current_stock"),
        ({"current_stock": 1.0001}, "/current_stock"),
        ({"current_stock": 1_000_000_001}, "/current_stock"),
        ({"current_stock": None}, "/current_stock"),
        ({"reason": None}, "/reason"),
        ({"reason": "  "}, "/reason"),
        ({"reason": "x" * 501}, "/reason"),
        ({"item_id": ""}, "/item_id"),
        ({"location_id": ""}, "/location_id"),
    ],
)
def test_what_cannot_be_is_refused(open_shop: TestClient, fields: dict[str, Any], pointer: str) -> None:
    problem = assert_problem(correct(open_shop, **fields), 422, "invalid_input")
    assert problem["detail"].startswith(pointer)
    assert StockLevels(open_shop.tenant).get("A/1").total == 15


@pytest.mark.parametrize("missing", list(COUNTED))
def test_nothing_of_a_correction_may_be_missing(open_shop: TestClient, missing: str) -> None:
    body = {name: value for name, value in COUNTED.items() if name != missing}
    problem = assert_problem(open_shop.call("PUT", STOCK, json=body), 422, "invalid_input")
    assert problem["errors"][0]["pointer"] == f"/{missing}"


def test_what_is_unknown_is_told(open_shop: TestClient) -> None:
    problem = assert_problem(correct(open_shop, item_id="none"), 404, "product_not_found")
    assert problem["detail"] == "no product 'none'"
    problem = assert_problem(correct(open_shop, location_id="PARIS"), 422, "location_not_found")
    assert problem["detail"] == "no location 'PARIS': add it at /locations first"
    assert problem["errors"][0]["pointer"] == "/location_id"
    assert audited(open_shop) == []


@pytest.mark.parametrize("role", [Role.CEO, Role.MARKETING, Role.VIEWER, Role.SERVICE])
def test_only_editors_correct(open_shop: TestClient, role: Role) -> None:
    refused = open_shop.call("PUT", STOCK, role=role, json=COUNTED)
    assert "allowed: ADMIN, PROCUREMENT" in assert_problem(refused, 403, "role_not_allowed")["detail"]
    assert open_shop.call("PUT", STOCK, role=Role.PROCUREMENT, json=COUNTED).status_code == 200


def test_stock_of_other_clients_is_unknown(open_shop: TestClient, new_client: Callable[[], TestClient]) -> None:
    other = new_client()
    assert_problem(other.get(STOCK), 404, "catalog_not_ready")
    assert_problem(correct(other), 404, "product_not_found")
    assert StockLevels(open_shop.tenant).get("A/1").total == 15


def test_what_a_correction_costs(open_shop: TestClient, meter: FirestoreMeter) -> None:
    open_shop.get(STOCK)
    correct(open_shop)  # reads the chunk of the item's demand profile
    open_shop.get(STOCK)
    meter.reset()
    correct(open_shop, current_stock=7)
    # Read: the pointer twice, the item's last edit, product, stock.
    # Written: the stock, its entry, the rows, the item's edit, the pointer.
    assert (meter.of(open_shop.client_id).reads, meter.of(open_shop.client_id).writes) == (5, 5)
    meter.reset()
    open_shop.get(STOCK)
    assert meter.of(open_shop.client_id).reads == 2
