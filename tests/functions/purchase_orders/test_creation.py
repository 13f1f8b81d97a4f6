"""Placing orders: checked, numbered, priced, taken from the cart, and in every list at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.access.principal import Role
from shared.domain.location import Location
from shared.domain.purchasing.cart import Cart, CartLine
from shared.domain.purchasing.product import Product
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.carts import Carts
from shared.firestore.conditions import Conditions
from shared.firestore.locations import Locations
from shared.firestore.suppliers import Suppliers
from tests.support.catalogs import catalog_rows, publish
from tests.support.order_shop import AT, ITEMS, Shop, condition
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient


def errors(problem: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["pointer"], one["code"]) for one in problem["errors"]}


# POST /purchase-orders


def test_an_order_is_priced_dated_and_numbered(shop: Shop) -> None:
    body = {
        "supplier_id": "acme",
        "items": [
            {"item_id": ITEMS[0], "quantity": 12},
            {"item_id": ITEMS[3], "quantity": 18.0, "unit_cost": 0.5},
        ],
        "notes": "by lorry",
    }
    response = shop.client.post("/purchase-orders", json=body)
    assert response.status_code == 201
    made = response.json()
    assert response.headers["Location"] == f"/api/v1/purchase-orders/{made['id']}"
    assert (made["po_number"], made["status"], made["supplier_name"]) == ("PO-2024-000001", "pending", "Acme Ltd")
    assert (made["order_date"], made["expected_delivery_date"]) == ("2024-06-03", "2024-06-11")
    assert (made["location_id"], made["currency"], made["notes"]) == ("LONDON", "GBP", "by lorry")
    assert [(one["unit_cost"], one["total_price"], one["lead_time_days"]) for one in made["items"]] == [
        (1.75, 21, 5),
        (0.5, 9, 8),
    ]
    assert made["total_amount"] == 30
    assert '"total_amount":30.00' in response.text
    assert '"quantity":12.000' in response.text
    assert made["items"][0]["product_name"] == "Item 00/X"
    assert made["allowed_moves"] == ["confirmed", "cancelled"]
    assert [(one["from"], one["to"], one["by"]) for one in made["history"]] == [(None, "pending", shop.user_id)]
    found = shop.client.get(f"/purchase-orders/{made['id']}")
    assert found.json() == made
    assert found.headers["ETag"] == response.headers["ETag"]


def test_an_order_shows_in_the_product_list_at_once(shop: Shop) -> None:
    before = shop.row(ITEMS[0])
    shop.order(*ITEMS[:2])
    after = shop.row(ITEMS[0])
    assert (before["on_order"], after["on_order"]) == (0, 12)
    assert after["inventory_position"] == before["inventory_position"] + 12
    place = shop.client.get("/products", params={"location_id": "LONDON", "search": ITEMS[1]}).json()["items"]
    assert [one["on_order"] for one in place] == [12]


def test_what_is_given_goes_before_what_is_usual(shop: Shop) -> None:
    made = shop.order(ITEMS[0], location_id="DUBLIN", expected_delivery_date="2024-06-04")
    assert (made["location_id"], made["expected_delivery_date"]) == ("DUBLIN", "2024-06-04")


def test_what_is_ordered_leaves_the_cart_and_nothing_else_does(shop: Shop) -> None:
    shop.fill_cart(ITEMS[0], ITEMS[1], ITEMS[10])
    shop.fill_cart(ITEMS[0], user_id="somebody else")
    shop.order(ITEMS[0], ITEMS[2])
    assert shop.cart() == [ITEMS[1], ITEMS[10]]
    assert shop.cart("somebody else") == [ITEMS[0]]


def test_an_item_that_is_not_in_the_catalog_yet_is_ordered_by_its_own_name(client: TestClient) -> None:
    client.stock([Product(ITEMS[0], "Fresh")], {})
    Suppliers(client.tenant).put_many([Supplier("acme", "Acme Ltd")])
    Conditions(client.tenant).put_many([condition(ITEMS[0])])
    made = Shop(client).order(ITEMS[0])
    assert (made["items"][0]["product_name"], made["location_id"]) == ("Fresh", None)


@pytest.fixture(scope="module")
def still(busy_shop: Shop) -> Shop:
    """A shop in which nothing gets ordered."""
    return busy_shop


REFUSED = [
    ({"items": [{"item_id": ITEMS[0], "quantity": 6}]}, "below_moq", "order at least 12", "/items/0/quantity"),
    ({"items": [{"item_id": ITEMS[0], "quantity": 0}]}, "below_moq", "order at least 12", "/items/0/quantity"),
    (
        {"items": [{"item_id": ITEMS[0], "quantity": 13}]},
        "not_a_pack_multiple",
        "the next valid quantity is 18",
        "/items/0/quantity",
    ),
    (
        {"items": [{"item_id": ITEMS[10], "quantity": 12}]},
        "supplier_not_linked",
        f"supplier 'acme' is not linked to product '{ITEMS[10]}'",
        "/items/0/item_id",
    ),
    ({"items": [{"item_id": "nothing", "quantity": 12}]}, "product_not_found", "no product", "/items/0/item_id"),
    ({"items": [{"item_id": ITEMS[0], "quantity": 12}] * 2}, "duplicate_item", "has one line", "/items/1/item_id"),
    ({"supplier_id": "nobody"}, "supplier_not_found", "no supplier 'nobody'", "/supplier_id"),
    ({"location_id": "MARS"}, "location_not_found", "no location 'MARS'", "/location_id"),
    (
        {"expected_delivery_date": "2024-06-02"},
        "delivery_before_order",
        "2024-06-02 is before the order date 2024-06-03",
        "/expected_delivery_date",
    ),
]


@pytest.mark.parametrize(("fields", "code", "said", "pointer"), REFUSED)
def test_what_cannot_be_ordered_is_refused_by_name(
    still: Shop, fields: dict[str, Any], code: str, said: str, pointer: str
) -> None:
    problem = assert_problem(still.create(ITEMS[0], **fields), 422, code)
    assert said in problem["detail"]
    assert errors(problem) == {(pointer, code)}
    assert still.orders() == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": [{"item_id": f"i{number}", "quantity": 12} for number in range(501)]}, "/items"),
        ({"items": [{"item_id": ITEMS[0], "quantity": -1}]}, "/items/0/quantity"),
        ({"items": [{"item_id": ITEMS[0], "quantity": 12.0001}]}, "/items/0/quantity"),
        ({"items": [{"item_id": ITEMS[0], "quantity": "NaN"}]}, "/items/0/quantity"),
        ({"items": [{"item_id": ITEMS[0], "quantity": 12, "unit_cost": -0.01}]}, "/items/0/unit_cost"),
        ({"items": [{"item_id": ITEMS[0], "quantity": 12, "unit_cost": 0.00001}]}, "/items/0/unit_cost"),
        ({"expected_delivery_date": "soon"}, "/expected_delivery_date"),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused(still: Shop, fields: dict[str, Any], pointer: str) -> None:
    problem = assert_problem(still.create(ITEMS[0], **fields), 422, "invalid_input")
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


def test_everything_wrong_is_said_at_once(still: Shop) -> None:
    lines = [(ITEMS[0], 6), (ITEMS[10], 12), ("nothing", 12), (ITEMS[1], 13), (ITEMS[0], 12)]
    problem = assert_problem(
        still.create(ITEMS[0], items=[{"item_id": item, "quantity": units} for item, units in lines]),
        422,
        "invalid_lines",
    )
    assert errors(problem) == {
        ("/items/0/quantity", "below_moq"),
        ("/items/1/item_id", "supplier_not_linked"),
        ("/items/2/item_id", "product_not_found"),
        ("/items/3/quantity", "not_a_pack_multiple"),
        ("/items/4/item_id", "duplicate_item"),
    }


def test_a_refused_order_leaves_the_cart_as_it_was(shop: Shop) -> None:
    shop.fill_cart(ITEMS[0])
    assert_problem(shop.create(ITEMS[0], ITEMS[10]), 422, "supplier_not_linked")
    assert shop.cart() == [ITEMS[0]]
    assert shop.order(ITEMS[0])["po_number"] == "PO-2024-000001"


def test_the_largest_order_is_placed(client: TestClient) -> None:
    items = [f"i{number}" for number in range(500)]
    client.stock([Product(item, item) for item in items], {})
    Suppliers(client.tenant).put_many([Supplier("acme", "Acme Ltd")])
    Conditions(client.tenant).put_many([replace(condition(ITEMS[0]), item_id=item) for item in items])
    Locations(client.tenant).put_many([Location("LONDON", "London")])
    publish(client.tenant, catalog_rows(*({"item_id": item} for item in items)))
    body = {"supplier_id": "acme", "items": [{"item_id": item, "quantity": 12} for item in items]}
    made = client.post("/purchase-orders", json=body)
    assert (made.status_code, made.json()["total_amount"]) == (201, 10_500)
    assert client.get("/products?search=i499").json()["items"][0]["on_order"] == 12
    for to in ("confirmed", "shipped", "received"):
        moved = client.call("PUT", f"/purchase-orders/{made.json()['id']}/status", json={"status": to})
        assert (moved.status_code, moved.json()["status"]) == (200, to)
    row = client.get("/products?search=i499").json()["items"][0]
    assert (row["on_order"], row["current_stock"]) == (0, 12)


# POST /purchase-orders/from-cart


def test_a_cart_becomes_an_order_per_supplier(shop: Shop) -> None:
    shop.fill_cart(ITEMS[10], ITEMS[0], ITEMS[11], ITEMS[25], quantity="24.000")
    response = shop.from_cart(notes="urgent")
    assert response.status_code == 201
    orders = response.json()["orders"]
    assert [(one["supplier_id"], [line["item_id"] for line in one["items"]]) for one in orders] == [
        ("best", [ITEMS[10], ITEMS[11]]),
        ("acme", [ITEMS[0]]),
        ("cheap", [ITEMS[25]]),
    ]
    assert [one["po_number"] for one in orders] == [f"PO-2024-00000{number}" for number in (1, 2, 3)]
    assert {one["notes"] for one in orders} == {"urgent"}
    assert [one["total_amount"] for one in orders] == [84, 42, 42]
    assert shop.cart() == []
    assert [shop.row(item)["on_order"] for item in (ITEMS[10], ITEMS[25])] == [24, 24]
    assert {one["id"] for one in shop.orders()} == {one["id"] for one in orders}


def test_some_suppliers_of_a_cart_are_ordered_and_the_others_stay(shop: Shop) -> None:
    shop.fill_cart(ITEMS[0], ITEMS[10], ITEMS[20])
    orders = shop.from_cart(supplier_ids=["cheap", "acme"], location_id="DUBLIN").json()["orders"]
    assert [(one["supplier_id"], one["location_id"]) for one in orders] == [("acme", "DUBLIN"), ("cheap", "DUBLIN")]
    assert shop.cart() == [ITEMS[10]]


def test_an_empty_cart_is_no_order(shop: Shop) -> None:
    assert_problem(shop.from_cart(), 409, "cart_empty")
    shop.fill_cart(ITEMS[0])
    problem = assert_problem(shop.from_cart(supplier_ids=["best"]), 409, "cart_empty")
    assert problem["detail"] == "no lines of 'best' in your cart to order"
    assert shop.cart() == [ITEMS[0]]


def test_a_cart_is_checked_against_the_conditions_of_today(shop: Shop) -> None:
    shop.fill_cart(ITEMS[0], ITEMS[1], ITEMS[10], ITEMS[2])
    store = Conditions(shop.client.tenant)
    shop.client.tenant.transact(lambda transaction: store.delete(transaction, ITEMS[1], "acme"))
    store.put_many([replace(condition(ITEMS[0]), moq=Decimal(18))])
    problem = assert_problem(shop.from_cart(), 422, "invalid_lines")
    assert errors(problem) == {
        ("/cart/acme/item 00~1x/quantity", "below_moq"),
        ("/cart/acme/item 01~1x/item_id", "supplier_not_linked"),
    }
    assert len(shop.cart()) == 4
    assert shop.orders() == []


def test_a_supplier_that_is_gone_is_named(shop: Shop) -> None:
    shop.fill_cart(ITEMS[0], ITEMS[10])
    shop.client.tenant.transact(lambda transaction: Suppliers(shop.client.tenant).delete(transaction, "best"))
    problem = assert_problem(shop.from_cart(), 422, "supplier_not_found")
    assert errors(problem) == {("/cart/best", "supplier_not_found")}


def test_a_cart_that_is_too_large_for_one_request_says_how_to_go_on(shop: Shop) -> None:
    lines = tuple(CartLine(f"i{number}", "acme", Decimal(12), AT) for number in range(1001))
    cart = Cart(shop.user_id, lines)
    shop.client.tenant.transact(lambda transaction: Carts(shop.client.tenant).put(transaction, cart))
    problem = assert_problem(shop.from_cart(), 422, "too_many_lines")
    assert "1,001 lines in your cart, and one request orders up to 1,000: name some suppliers" in problem["detail"]


# Who, and whose


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CEO, Role.MARKETING, Role.SERVICE])
def test_only_buyers_order(still: Shop, role: Role) -> None:
    for path in ("", "/from-cart", "/x/receipts"):
        response = still.client.post(f"/purchase-orders{path}", role=role, json={})
        assert_problem(response, 403, "role_not_allowed")
    assert_problem(still.client.call("PUT", "/purchase-orders/x/status", role=role, json={}), 403, "role_not_allowed")
    assert still.client.get("/purchase-orders", role=role).status_code == 200


def test_another_tenants_order_is_not_there(shop: Shop, other_shop: TestClient) -> None:
    made = shop.order()
    path = f"/purchase-orders/{made['id']}"
    lines = {"lines": [{"item_id": ITEMS[0], "quantity": 1}]}
    for response in (
        other_shop.get(path),
        other_shop.call("PUT", f"{path}/status", json={"status": "confirmed"}),
        other_shop.post(f"{path}/receipts", json=lines),
    ):
        assert_problem(response, 404, "purchase_order_not_found")
    assert other_shop.get("/purchase-orders").json()["items"] == []
    assert shop.orders()[0]["status"] == "pending"
