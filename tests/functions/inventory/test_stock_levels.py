"""Stock per item and location: the list, and corrections by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.access.principal import Role
from shared.firestore.products import StockLevels
from tests.support.at_once import at_once
from tests.support.editable_shop import row
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient
from tests.support.texts import texts

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
    bare = [{name: value for name, value in one.items() if name != "updated_at"} for one in page["items"]]
    assert {name: value for name, value in shown.items() if name in columns} in bare
    assert all(set(one) == columns for one in bare)  # `committed` is on no wire where a client gives none


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
        ("item_id=A/1,normal", ["A/1 DUBLIN", "A/1 LONDON", "normal DUBLIN"]),
        ("item_id=A/1&item_id=normal&location_id=DUBLIN", ["A/1 DUBLIN", "normal DUBLIN"]),
        ("min_current_stock=20&max_current_stock=30", ["dead LONDON", "normal DUBLIN"]),
        ("status=dead_stock,normal&sort=-current_stock", ["normal DUBLIN", "dead LONDON"]),
        ("category=LIGHTS&sort=-current_stock,item_id", ["A/1 LONDON", "ünï©ødé LONDON", "A/1 DUBLIN", "gone LONDON"]),
        ("item_id=A/1&sort=location_id&order=desc", ["A/1 LONDON", "A/1 DUBLIN"]),
        ("item_id=A/1&sort=-updated_at", ["A/1 DUBLIN", "A/1 LONDON"]),
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
    problem = assert_problem(full_shop.get(f"{STOCK}?colour=red"), 422, "unknown_field")
    assert "'colour'" in problem["detail"]
    problem = assert_problem(full_shop.get(f"{STOCK}?sort=dir"), 422, "unknown_sort")
    assert "allowed: item_id, product_name, location_id, current_stock, committed" in problem["detail"]


def test_a_correction_shows_in_every_list_at_once(open_shop: TestClient) -> None:
    before = open_shop.get("/dashboard").json()["metrics"]["total_inventory_value"]
    risk = row(open_shop)["stockout_risk"]
    response = correct(open_shop)
    assert response.status_code == 200, response.text
    dublin, london = response.json()["locations"]
    assert (response.json()["item_id"], response.json()["current_stock"]) == ("A/1", 13.5)
    assert dublin == {"location_id": "DUBLIN", "current_stock": 5, "updated_at": None}
    corrected_at = dt.datetime.fromisoformat(london.pop("updated_at"))
    assert abs(corrected_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert london == {"location_id": "LONDON", "current_stock": 8.5}
    (kept,) = open_shop.get(f"{STOCK}?item_id=A/1&location_id=LONDON").json()["items"]
    assert (kept["current_stock"], kept["inventory_value"]) == (8.5, 21.25)
    (shown,) = open_shop.get("/products?search=A/1").json()["items"]
    assert (shown["current_stock"], shown["inventory_position"], shown["inventory_value"]) == (13.5, 13.5, 33.75)
    assert shown["stockout_risk"] >= risk
    assert open_shop.get("/dashboard").json()["metrics"]["total_inventory_value"] == before - 3.75
    target, quantity = (Decimal(str(row(open_shop)[name])) for name in ("order_up_to", "reorder_quantity"))
    assert 0 <= quantity - (target - Decimal("13.5")) < 1  # in whole ones


def test_the_list_says_when_a_stock_was_last_corrected(open_shop: TestClient) -> None:
    answered = {place["location_id"]: place["updated_at"] for place in correct(open_shop).json()["locations"]}
    listed = open_shop.get(f"{STOCK}?item_id=A/1").json()["items"]
    assert {place["location_id"]: place["updated_at"] for place in listed} == answered
    assert answered["LONDON"] is not None
    open_shop.refresh(rebuild=True)
    again = open_shop.get(f"{STOCK}?item_id=A/1").json()["items"]
    assert {place["location_id"]: place["updated_at"] for place in again} == answered


def test_what_customers_have_ordered_is_not_there_for_others(open_shop: TestClient) -> None:
    (before,) = open_shop.get("/products?search=A/1").json()["items"]
    answer = correct(open_shop, current_stock=10, committed=4)
    assert [place.get("committed") for place in answer.json()["locations"]] == [None, 4]
    rows = open_shop.get(f"{STOCK}?item_id=A/1").json()["items"]
    assert [place["committed"] for place in rows] == [0, 4]
    (shown,) = open_shop.get("/products?search=A/1").json()["items"]
    assert (shown["current_stock"], shown["inventory_position"]) == (15, before["inventory_position"] - 4)
    correct(open_shop, current_stock=9)  # says nothing of it
    assert open_shop.get(f"{STOCK}?item_id=A/1").json()["items"][1]["committed"] == 4
    entry, earlier = audited(open_shop)
    assert entry["after"] == {"location_id": "LONDON", "current_stock": "9.000"}
    assert earlier["before"] == {"location_id": "LONDON", "committed": "0.000"}
    assert earlier["after"] == {"location_id": "LONDON", "committed": "4.000"}


def test_a_stock_that_is_not_as_expected_stays(open_shop: TestClient) -> None:
    problem = assert_problem(correct(open_shop, expected_stock=9), 409, "stock_differs")
    assert problem["detail"] == "'A/1' has 10.000 in stock at 'LONDON' now, not 9 as expected"
    assert problem["errors"][0]["pointer"] == "/expected_stock"
    assert StockLevels(open_shop.tenant).get("A/1").total == 15
    assert audited(open_shop) == []
    assert correct(open_shop, expected_stock=10).status_code == 200
    assert_problem(correct(open_shop, location_id="ROTTERDAM", expected_stock=1), 409, "stock_differs")
    assert correct(open_shop, location_id="ROTTERDAM", expected_stock=0).status_code == 200


def test_of_two_who_expect_the_same_stock_one_corrects_it(open_shop: TestClient) -> None:
    answers = at_once(
        *(lambda units=units: correct(open_shop, current_stock=units, expected_stock=10) for units in (7, 8))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(audited(open_shop)) == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(st.decimals(0, 1_000_000_000, places=3), st.decimals(0, 1_000_000_000, places=3), texts())
def test_what_is_accepted_can_be_read_back(
    open_shop: TestClient, units: Decimal, committed: Decimal, reason: str
) -> None:
    body = COUNTED | {"current_stock": float(units), "committed": float(committed), "reason": reason}
    response = open_shop.call("PUT", STOCK, json=body)
    assert response.status_code in (200, 422), response.text
    if response.status_code == 422:
        assert [error["pointer"] for error in response.json()["errors"]] == ["/reason"]
        return
    (kept,) = open_shop.get(f"{STOCK}?item_id=A/1&location_id=LONDON").json()["items"]
    assert (kept["current_stock"], kept.get("committed", 0)) == (float(units), float(committed))
    assert audited(open_shop)[0]["reason"] == " ".join([reason.strip()])


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
