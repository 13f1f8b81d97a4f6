"""The cart over HTTP: what goes in, what is refused and why, and that nothing is lost or ordered twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
import requests

from shared.catalog.edit import edit_item
from shared.domain.access.principal import Role
from shared.domain.purchasing.cart import MAX_CART_LINES, Cart, CartLine
from shared.domain.purchasing.product import Condition
from shared.firestore.carts import Carts
from shared.firestore.conditions import Conditions
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.planned_shop import OTHER_TERMS, signed_in
from tests.support.problems import assert_problem
from tests.support.tenants import TODAY, TestClient

CART = "/order-planning/cart"


def add(client: TestClient, item_id: str = "uplifted", supplier_id: str = "acme", **fields: Any) -> requests.Response:
    headers = fields.pop("headers", None)
    body = {"item_id": item_id, "supplier_id": supplier_id, **fields}
    return client.post(f"{CART}/add", json=body, headers=headers)


def cart(client: TestClient, **kwargs: Any) -> dict[str, Any]:
    response = client.get(CART, **kwargs)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def quantities(client: TestClient, **kwargs: Any) -> dict[tuple[str, str], float]:
    groups = cart(client, **kwargs)["groups"]
    return {(line["item_id"], line["supplier_id"]): line["quantity"] for group in groups for line in group["lines"]}


def test_the_least_that_the_supplier_sells_is_added_by_default(shop: TestClient) -> None:
    answer = add(shop)
    assert answer.status_code == 200
    line = answer.json()["line"]
    assert dt.datetime.fromisoformat(line.pop("added_at")) <= dt.datetime.now(dt.UTC)
    assert line == {
        "item_id": "uplifted",
        "product_name": "The uplifted",
        "supplier_id": "acme",
        "supplier_name": "Acme Ltd",
        "quantity": 52,  # the MOQ of 50 in packs of 4
        "unit_cost": 2,
        "total_price": 104,
        "moq": 50,
        "packaging_qty": 4,
        "lead_time_days": 10,
        "warnings": [],
        "error": None,
    }
    assert answer.json()["warnings"] == []


def test_adding_a_line_that_is_there_adds_the_quantities(shop: TestClient) -> None:
    add(shop)
    assert add(shop, quantity=4).json()["line"]["quantity"] == 56
    assert add(shop).json()["line"]["quantity"] == 108
    assert quantities(shop) == {("uplifted", "acme"): 108}


@pytest.mark.parametrize(
    ("item_id", "supplier_id", "quantity", "status", "code", "named"),
    [
        ("uplifted", "acme", 48, 422, "below_moq", "MOQ of Acme Ltd: 50.000; order at least 52.000"),
        ("uplifted", "acme", 0, 422, "below_moq", "50.000"),
        ("uplifted", "acme", 53, 422, "not_a_pack_multiple", "the next valid quantity is 56.000"),
        ("uplifted", "fast", 0.75, 422, "not_a_pack_multiple", "the next valid quantity is 1.000"),
        ("quick", "acme", 1, 422, "supplier_not_linked", "supplier 'acme' is not linked to product 'quick'"),
        ("orphan", "acme", 1, 422, "supplier_not_linked", "'orphan'"),
        ("nothing", "acme", 1, 404, "product_not_found", "no product 'nothing'"),
        ("uplifted", "acme", -1, 422, "invalid_input", "/quantity"),
        ("uplifted", "acme", "1.0001", 422, "invalid_input", "/quantity"),
        ("uplifted", "acme", 1e10, 422, "invalid_input", "/quantity"),
        ("", "acme", 1, 422, "invalid_input", "/item_id"),
    ],
)
def test_what_cannot_be_ordered_is_refused(
    kept_shop: TestClient, item_id: str, supplier_id: str, quantity: Any, status: int, code: str, named: str
) -> None:
    problem = assert_problem(add(kept_shop, item_id, supplier_id, quantity=quantity), status, code)
    assert named in problem["detail"]
    assert quantities(kept_shop) == {}


def test_the_sum_of_what_was_added_is_what_counts(shop: TestClient) -> None:
    add(shop, quantity=52)
    problem = assert_problem(add(shop, quantity=2), 422, "not_a_pack_multiple")
    assert "54.000 of 'uplifted'" in problem["detail"]
    assert problem["errors"][0]["pointer"] == "/quantity"
    assert quantities(shop) == {("uplifted", "acme"): 52}


def test_stock_that_outlasts_an_order_is_warned_of_and_can_be_ordered(shop: TestClient) -> None:
    answer = add(shop, "plenty", "fast").json()
    assert [one["code"] for one in answer["warnings"]] == ["already_covered"]
    assert "lasts 320 days, longer than the 12 of lead time (5)" in answer["warnings"][0]["detail"]
    unsold = add(shop, "quiet", "fast").json()
    assert "nothing is expected to sell, and 20.5 are in stock" in unsold["warnings"][0]["detail"]
    lines = cart(shop)["groups"][0]["lines"]
    assert [line["warnings"][0]["code"] for line in lines] == ["already_covered", "already_covered"]
    # Ten days of stock: too few for Fast's lead time of 30 days.
    assert add(shop, "uplifted", "fast").json()["warnings"] == []


@pytest.mark.parametrize(
    ("daily", "last_sale", "warned"),
    [
        (2.0, TODAY - dt.timedelta(90), ("sleeping", "the item is sleeping: last sold on 2024-03-05, 90 days ago")),
        (0.001, TODAY - dt.timedelta(500), ("dead", "the item is dead: last sold on 2023-01-20, 500 days ago")),
        (0.001, None, ("dead", "the item is dead: no sale is on record")),
        (2.0, TODAY - dt.timedelta(89), None),
    ],
)
def test_it_warns_of_what_has_not_sold_for_long_and_does_not_refuse(
    client: TestClient, daily: float, last_sale: dt.date | None, warned: tuple[str, str] | None
) -> None:
    row = {
        "item_id": "lamp",
        "supplier_id": "acme",
        "supplier_name": "Acme Ltd",
        "moq": Decimal(0),
        "packaging_qty": Decimal(1),
        "supplier_cost": Decimal(1),
        "last_sale": last_sale,
        "first_record": TODAY - dt.timedelta(600),
    }
    publish(client.tenant, catalog_rows(row), profile_frame(profile("lamp", daily=[daily] * 90)))
    answer = add(client, "lamp", "acme", quantity=5)
    assert answer.status_code == 200
    warnings = [(warning["code"], warning["detail"]) for warning in answer.json()["warnings"]]
    assert warnings == ([] if warned is None else [warned])


def test_a_repeated_request_adds_once(shop: TestClient) -> None:
    key = {"Idempotency-Key": "again"}
    first, second = add(shop, headers=key), add(shop, headers=key)
    assert first.text == second.text
    assert quantities(shop) == {("uplifted", "acme"): 52}
    assert_problem(add(shop, quantity=56, headers=key), 422, "idempotency_key_reused")


def test_a_request_whose_answer_was_lost_adds_once(shop: TestClient) -> None:
    key = {"Idempotency-Key": "killed"}
    add(shop, headers=key)
    for document in shop.tenant.collection("idempotency").list_documents():
        document.delete()  # as after a minute: the key is free again
    assert add(shop, headers=key).json()["line"]["quantity"] == 52
    assert quantities(shop) == {("uplifted", "acme"): 52}


def test_two_tabs_that_add_at_once_lose_nothing(shop: TestClient) -> None:
    adds = [("uplifted", "acme", 52), ("uplifted", "fast", 10), ("quick", "fast", 3), ("A/1", "acme", 12)] * 3
    with ThreadPoolExecutor(max_workers=12) as tabs:
        answers = list(tabs.map(lambda one: add(shop, one[0], one[1], quantity=one[2]), adds))
    assert [answer.status_code for answer in answers] == [200] * 12
    assert quantities(shop) == {
        ("uplifted", "acme"): 156,
        ("uplifted", "fast"): 30,
        ("quick", "fast"): 9,
        ("A/1", "acme"): 36,
    }


def test_a_cart_by_supplier_with_totals(shop: TestClient) -> None:
    for item_id, supplier_id in (("A/1", "acme"), ("quick", "fast"), ("next", "acme"), ("A/1", "fast")):
        add(shop, item_id, supplier_id)
    found = cart(shop)
    acme, fast = found["groups"]
    assert [line["item_id"] for line in acme["lines"]] == ["A/1", "next"]
    assert (acme["supplier_name"], acme["total_cost"]) == ("Acme Ltd", 12 * 1.75 + 60 * 3)
    assert (acme["minimum_order_value"], acme["shortfall"]) == (500, 299)
    assert [(line["item_id"], line["quantity"], line["unit_cost"]) for line in fast["lines"]] == [
        ("quick", 1, 0.5),
        ("A/1", 5, 2),
    ]
    assert (fast["total_cost"], fast["minimum_order_value"], fast["shortfall"]) == (10.5, None, 0)
    assert (found["totals"]["lines"], found["totals"]["cost"], found["as_of"]) == (4, 211.5, "2024-06-03")


def test_an_empty_cart(kept_shop: TestClient) -> None:
    assert cart(kept_shop) == {"groups": [], "totals": {"lines": 0, "cost": 0}, "as_of": "2024-06-03"}


def test_a_line_whose_terms_have_changed_says_what_is_wrong_with_it(shop: TestClient) -> None:
    for item_id, supplier_id in (("A/1", "fast"), ("uplifted", "fast"), ("next", "acme"), ("quick", "fast")):
        add(shop, item_id, supplier_id)
    gone = Conditions(shop.tenant)
    shop.tenant.transact(lambda transaction: gone.delete(transaction, "A/1", "fast"))
    dearer = Condition("next", "acme", "Acme Ltd", 10, Decimal(100), Decimal(12), Decimal("3.50"), is_primary=True)
    edit_item(shop.tenant, "next", lambda edit: edit.set_conditions("next", [dearer]))
    lines = {line["item_id"]: line for group in cart(shop)["groups"] for line in group["lines"]}
    assert lines["A/1"]["error"]["code"] == "supplier_not_linked"
    assert "supplier 'fast' is not linked to product 'A/1'" in lines["A/1"]["error"]["detail"]
    assert (lines["A/1"]["unit_cost"], lines["A/1"]["total_price"]) == (None, None)
    assert lines["next"]["error"]["code"] == "below_moq"
    assert (lines["next"]["unit_cost"], lines["next"]["total_price"]) == (3.5, 210)
    assert lines["quick"]["error"] is lines["uplifted"]["error"] is None
    acme, fast = sorted(cart(shop)["groups"], key=lambda group: group["supplier_id"])
    assert (acme["total_cost"], fast["total_cost"]) == (210, 0.62)  # half a unit at 0.25 is 0.12, half to even


def test_an_item_that_the_catalog_does_not_know_yet_can_be_ordered(shop: TestClient) -> None:
    fresh = Condition("fresh", "fast", "Fast Ltd", 3, Decimal(0), Decimal(2), Decimal("1.00"), is_primary=True)
    Conditions(shop.tenant).put_many([fresh])
    line = add(shop, "fresh", "fast").json()["line"]
    assert (line["product_name"], line["quantity"], line["warnings"]) == (None, 2, [])


def test_a_quantity_is_replaced(shop: TestClient) -> None:
    add(shop, "A/1", "acme")
    answer = shop.call("PUT", f"{CART}/A%2F1", json={"quantity": 18})
    assert answer.status_code == 200
    assert (answer.json()["line"]["quantity"], answer.json()["line"]["total_price"]) == (18, 31.5)
    assert quantities(shop) == {("A/1", "acme"): 18}


@pytest.mark.parametrize(
    ("item_id", "quantity", "status", "code", "named"),
    [
        ("uplifted", 48, 422, "below_moq", "MOQ of Acme Ltd: 50.000"),
        ("uplifted", 54, 422, "not_a_pack_multiple", "the next valid quantity is 56.000"),
        ("quick", 1, 404, "cart_line_not_found", "no line of 'quick' in your cart"),
    ],
)
def test_a_quantity_that_cannot_be_is_refused(
    shop: TestClient, item_id: str, quantity: int, status: int, code: str, named: str
) -> None:
    add(shop)
    problem = assert_problem(shop.call("PUT", f"{CART}/{item_id}", json={"quantity": quantity}), status, code)
    assert named in problem["detail"]
    assert quantities(shop) == {("uplifted", "acme"): 52}


def test_a_line_whose_supplier_is_gone_cannot_be_changed_but_taken_out(shop: TestClient) -> None:
    add(shop, "A/1", "fast")
    shop.tenant.transact(lambda transaction: Conditions(shop.tenant).delete(transaction, "A/1", "fast"))
    assert_problem(shop.call("PUT", f"{CART}/A%2F1", json={"quantity": 10}), 422, "supplier_not_linked")
    assert shop.call("DELETE", f"{CART}/A%2F1").status_code == 204
    assert quantities(shop) == {}


def test_of_two_lines_of_an_item_one_is_named_by_its_supplier(shop: TestClient) -> None:
    add(shop, "A/1", "acme")
    add(shop, "A/1", "fast")
    for method, body in (("PUT", {"quantity": 30}), ("DELETE", None)):
        problem = assert_problem(shop.call(method, f"{CART}/A%2F1", json=body), 409, "supplier_ambiguous")
        assert "'acme', 'fast'" in problem["detail"]
    assert shop.call("PUT", f"{CART}/A%2F1?supplier_id=fast", json={"quantity": 30}).status_code == 200
    assert quantities(shop) == {("A/1", "acme"): 12, ("A/1", "fast"): 30}
    assert shop.call("DELETE", f"{CART}/A%2F1?supplier_id=acme").status_code == 204
    assert quantities(shop) == {("A/1", "fast"): 30}
    problem = assert_problem(shop.call("DELETE", f"{CART}/A%2F1?supplier_id=acme"), 404, "cart_line_not_found")
    assert "from supplier 'acme'" in problem["detail"]


@pytest.mark.parametrize("item_id", ["add", "clear", "add-suggestions", "a/b/c", "50%", "%2F", "ünï©ødé 漢"])
def test_any_item_id_is_a_line(shop: TestClient, item_id: str) -> None:
    Conditions(shop.tenant).put_many(
        [Condition(item_id, "fast", "Fast Ltd", 3, Decimal(0), Decimal(1), Decimal("1.00"), is_primary=True)]
    )
    assert add(shop, item_id, "fast").status_code == 200
    path = f"{CART}/{quote(item_id, safe='')}"
    assert shop.call("PUT", path, json={"quantity": 7}).json()["line"]["quantity"] == 7
    assert shop.call("DELETE", path).status_code == 204
    assert quantities(shop) == {}


def test_a_cart_is_emptied(shop: TestClient) -> None:
    add(shop)
    assert shop.post(f"{CART}/clear").status_code == 204
    assert shop.post(f"{CART}/clear").status_code == 204
    assert quantities(shop) == {}


def test_a_stale_version_is_refused(shop: TestClient) -> None:
    add(shop)
    seen = {"If-Match": shop.get(CART).headers["ETag"]}
    assert shop.call("PUT", f"{CART}/uplifted", json={"quantity": 56}, headers=seen).status_code == 200
    for method, body in (("PUT", {"quantity": 60}), ("DELETE", None)):
        assert_problem(shop.call(method, f"{CART}/uplifted", json=body, headers=seen), 412, "stale_version")
    assert quantities(shop) == {("uplifted", "acme"): 56}
    now_seen = {"If-Match": shop.get(CART).headers["ETag"]}
    assert shop.call("DELETE", f"{CART}/uplifted", headers=now_seen).status_code == 204


def test_each_buyer_has_a_cart_of_their_own(shop: TestClient) -> None:
    add(shop)
    other = signed_in(shop, "another buyer")
    assert quantities(shop, headers=other) == {}
    add(shop, "quick", "fast", headers=other)
    assert quantities(shop) == {("uplifted", "acme"): 52}
    assert quantities(shop, headers=other) == {("quick", "fast"): 1}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("POST", "/add", {"item_id": "quick", "supplier_id": "fast"}),
        ("POST", "/add-suggestions", {}),
        ("PUT", "/quick", {"quantity": 1}),
        ("DELETE", "/quick", None),
        ("POST", "/clear", None),
    ],
)
def test_only_buyers_have_a_cart(full_shop: TestClient, method: str, path: str, body: Any) -> None:
    for role in (Role.VIEWER, Role.CEO, Role.MARKETING, Role.SERVICE):
        refused = full_shop.call(method, f"{CART}{path}", json=body, role=role)
        problem = assert_problem(refused, 403, "role_not_allowed")
        assert "ADMIN, PROCUREMENT" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/add", {"item_id": "quick", "supplier_id": "fast", "price": 1}),
        ("POST", "/add-suggestions", {"min_risks": 1}),
        ("POST", "/add-suggestions", {"items": [{"item_id": "quick", "units": 35}]}),
        ("PUT", "/quick", {"quantity": 1, "unit": "box"}),
        ("DELETE", "/quick?supplier=fast", None),
        ("GET", "?location_id=LONDON", None),
    ],
)
def test_unknown_fields_are_refused(full_shop: TestClient, method: str, path: str, body: Any) -> None:
    refused = full_shop.call(method, f"{CART}{path}", json=body)
    assert refused.status_code == 422
    assert refused.json()["code"] in ("unknown_field", "invalid_input")


def test_a_full_cart(shop: TestClient) -> None:
    at = dt.datetime(2024, 6, 3, tzinfo=dt.UTC)
    lines = [CartLine(f"item {number}", "acme", Decimal(1), at) for number in range(MAX_CART_LINES)]
    full = Cart(f"user-{shop.client_id}", tuple(lines))
    shop.tenant.transact(lambda transaction: Carts(shop.tenant).put(transaction, full))
    for refused in (add(shop), shop.post(f"{CART}/add-suggestions", json={})):
        problem = assert_problem(refused, 422, "cart_full")
        assert "allowed are 2000 lines" in problem["detail"]
    assert cart(shop)["totals"]["lines"] == 2000


def test_what_a_cart_costs(shop: TestClient, meter: FirestoreMeter) -> None:
    add(shop)
    calls: dict[str, Callable[[], requests.Response]] = {
        "add": lambda: add(shop),
        "add from another supplier": lambda: add(shop, "A/1", "fast"),
        "add with a key": lambda: add(shop, headers={"Idempotency-Key": "one"}),
        "add suggestions": lambda: shop.post(f"{CART}/add-suggestions", json={}),
        "add suggestions again": lambda: shop.post(f"{CART}/add-suggestions", json={}),
        "change": lambda: shop.call("PUT", f"{CART}/quick", json={"quantity": 5}),
        "cart": lambda: shop.get(CART),
        "delete": lambda: shop.call("DELETE", f"{CART}/quick"),
    }
    costs = {}
    for name, call in calls.items():
        meter.reset()
        assert call().status_code in (200, 204)
        billed = meter.of(shop.client_id)
        costs[name] = (billed.reads, billed.writes)
    assert costs == {
        "add": (2, 1),
        "add from another supplier": (3, 1),
        "add with a key": (3, 3),  # the key is claimed, and its answer kept
        "add suggestions": (2, 1),
        "add suggestions again": (2, 0),
        "change": (2, 1),
        "cart": (3, 0),  # the pointer, the cart, and the terms of the line from the other supplier
        "delete": (1, 1),
    }


def test_a_cart_of_ruling_suppliers_costs_two_reads(shop: TestClient, meter: FirestoreMeter) -> None:
    shop.post(f"{CART}/add-suggestions", json={})
    meter.reset()
    assert cart(shop)["totals"]["lines"] == 3
    assert meter.of(shop.client_id) == Billed(reads=2)


def test_other_suppliers_terms_are_their_own(shop: TestClient) -> None:
    for condition in OTHER_TERMS:
        line = add(shop, condition.item_id, condition.supplier_id).json()["line"]
        shown = [Decimal(str(line[name])) for name in ("unit_cost", "moq", "packaging_qty", "lead_time_days")]
        assert shown == [
            condition.supplier_cost,
            condition.moq,
            condition.packaging_qty,
            condition.lead_time_days,
        ]
