"""Orders on their way: moves, receipts, and what they do to stock and lists."""

from __future__ import annotations

from typing import Any

import pytest

from shared.firestore.products import StockLevels
from tests.support.audit import audit_entries
from tests.support.order_shop import ITEMS, Shop
from tests.support.problems import assert_problem

A, B = ITEMS[:2]


def audit(shop: Shop, subject_id: str) -> list[dict[str, Any]]:
    return [entry for entry in audit_entries(shop.client) if entry["subject_id"] == subject_id]


def stock(shop: Shop, item_id: str) -> dict[str, Any]:
    return dict(StockLevels(shop.client.tenant).get(item_id).levels)


# Moves


def test_an_order_goes_from_pending_to_received(shop: Shop) -> None:
    made = shop.order(A, B)
    confirmed = shop.move(made["id"], "confirmed", expected_delivery_date="2024-07-01", reason="by phone").json()
    assert (confirmed["expected_delivery_date"], confirmed["allowed_moves"]) == ("2024-07-01", ["shipped", "cancelled"])
    assert shop.move(made["id"], "shipped").json()["status"] == "shipped"
    assert shop.row(A)["on_order"] == 12
    received = shop.move(made["id"], "received", reason="all here").json()
    assert received["allowed_moves"] == []
    assert [(one["from"], one["to"], one["reason"]) for one in received["history"]] == [
        (None, "pending", None),
        ("pending", "confirmed", "by phone"),
        ("confirmed", "shipped", None),
        ("shipped", "received", "all here"),
    ]
    (receipt,) = received["receipts"]
    assert receipt["lines"] == [{"item_id": A, "quantity": 12}, {"item_id": B, "quantity": 12}]
    assert [(one["received"], one["outstanding"]) for one in received["items"]] == [(12, 0), (12, 0)]
    row = shop.row(A)
    assert (row["current_stock"], row["on_order"], stock(shop, A)) == (22, 0, {"LONDON": 22})


def test_every_change_is_in_the_audit_log(shop: Shop) -> None:
    made = shop.order(A)
    shop.move(made["id"], "confirmed", expected_delivery_date="2024-07-01", reason="by phone")
    shop.receive(made["id"], {A: 2}, notes="a box is missing")
    shop.receive(made["id"], {A: 10})
    entries = audit(shop, made["id"])
    assert [one["action"] for one in entries[:2]] == ["purchase_order.created", "purchase_order.status_changed"]
    assert {one["action"] for one in entries[2:]} == {"purchase_order.goods_received", "stock_level.received"}
    created, moved = entries[:2]
    assert (created["after"]["po_number"], created["after"]["items"]) == ("PO-2024-000001", {A: "12.000"})
    assert (moved["before"]["status"], moved["after"]["status"], moved["reason"]) == (
        "pending",
        "confirmed",
        "by phone",
    )
    assert moved["after"]["expected_delivery_date"] == "2024-07-01"
    received = [one for one in entries if one["action"] == "purchase_order.goods_received"]
    assert [one["reason"] for one in received] == ["a box is missing", None]
    assert [one["after"]["received"] for one in received] == [{A: "2.000"}, {A: "10.000"}]
    assert [one["after"]["status"] for one in received] == ["partially_received", "received"]
    stocked = [one for one in entries if one["action"] == "stock_level.received"]
    levels = [(one["before"]["levels"], one["after"]["levels"]) for one in stocked]
    assert levels == [({A: "10"}, {A: "12.000"}), ({A: "12.000"}, {A: "22.000"})]
    assert {one["user_id"] for one in entries} == {shop.user_id}


def test_an_order_that_is_over_is_not_on_order(shop: Shop) -> None:
    cancelled, closed = shop.order(A), shop.order(A, status="shipped")
    assert shop.row(A)["on_order"] == 24
    assert shop.move(cancelled["id"], "cancelled").status_code == 200
    assert shop.row(A)["on_order"] == 12
    shop.receive(closed["id"], {A: 5})
    assert shop.row(A)["on_order"] == 7
    ended = shop.move(closed["id"], "closed", reason="the rest is sold out").json()
    assert (ended["status"], ended["items"][0]["outstanding"], ended["outstanding_line_count"]) == ("closed", 7, 0)
    assert (shop.row(A)["on_order"], shop.row(A)["current_stock"]) == (0, 15)


ILLEGAL = [
    ("pending", "shipped", "allowed: confirmed, cancelled"),
    ("pending", "received", "allowed: confirmed, cancelled"),
    ("pending", "pending", "allowed: confirmed, cancelled"),
    ("confirmed", "received", "allowed: shipped, cancelled"),
    ("shipped", "partially_received", "allowed: received, cancelled"),
    ("shipped", "closed", "allowed: received, cancelled"),
]


@pytest.mark.parametrize(("status", "to", "said"), ILLEGAL)
def test_an_illegal_move_names_the_legal_ones(busy_shop: Shop, status: str, to: str, said: str) -> None:
    made = busy_shop.order(status=status)
    problem = assert_problem(busy_shop.move(made["id"], to), 409, "illegal_transition")
    assert problem["detail"] == f"order {made['po_number']} is {status}: it cannot become {to}; {said}"
    assert busy_shop.client.get(f"/purchase-orders/{made['id']}").json() == made


@pytest.mark.parametrize("end", ["cancelled", "received", "closed"])
def test_nothing_happens_to_an_order_that_is_over(busy_shop: Shop, end: str) -> None:
    made = busy_shop.order(A, status="shipped")
    if end == "closed":
        busy_shop.receive(made["id"], {A: 5})
    busy_shop.move(made["id"], end)
    problem = assert_problem(busy_shop.move(made["id"], "confirmed"), 409, "illegal_transition")
    assert problem["detail"].endswith(f"is {end}: it cannot become confirmed; allowed: none, this is final")
    problem = assert_problem(busy_shop.receive(made["id"], {A: 1}), 409, "illegal_transition")
    assert "goods are received of one that is confirmed, shipped, partially_received" in problem["detail"]


def test_a_partly_received_order_is_not_cancelled(busy_shop: Shop) -> None:
    made = busy_shop.order(A, status="shipped")
    busy_shop.receive(made["id"], {A: 5})
    problem = assert_problem(busy_shop.move(made["id"], "cancelled"), 409, "illegal_transition")
    assert problem["detail"].endswith("it cannot become cancelled; allowed: received, closed")


def test_only_a_confirmation_changes_the_delivery_date(busy_shop: Shop) -> None:
    made = busy_shop.order(status="confirmed")
    problem = assert_problem(
        busy_shop.move(made["id"], "shipped", expected_delivery_date="2024-07-01"), 422, "delivery_date_not_changeable"
    )
    assert "only a confirmation changes expected_delivery_date" in problem["detail"]
    assert problem["errors"][0]["pointer"] == "/expected_delivery_date"
    pending = busy_shop.order()
    assert_problem(
        busy_shop.move(pending["id"], "confirmed", expected_delivery_date="2024-06-02"), 422, "delivery_before_order"
    )


def test_a_changed_delivery_date_shows_in_the_item(shop: Shop) -> None:
    made = shop.order(A)
    shop.move(made["id"], "confirmed", expected_delivery_date="2024-08-01")
    (found,) = shop.client.get("/products/item%2000%2Fx").json()["orders"]["items"]
    assert (found["status"], found["expected_delivery_date"], found["outstanding"]) == ("confirmed", "2024-08-01", 12)


def test_a_status_that_is_none_is_refused(busy_shop: Shop) -> None:
    assert_problem(busy_shop.move("x", "lost"), 422, "invalid_input")
    assert_problem(busy_shop.move("x", "confirmed"), 404, "purchase_order_not_found")


def test_a_version_is_honoured(busy_shop: Shop) -> None:
    made = busy_shop.create(A)
    path, version = f"/purchase-orders/{made.json()['id']}/status", {"If-Match": made.headers["ETag"]}
    confirmed = busy_shop.client.call("PUT", path, json={"status": "confirmed"}, headers=version)
    assert confirmed.status_code == 200
    stale = busy_shop.client.call("PUT", path, json={"status": "cancelled"}, headers=version)
    problem = assert_problem(stale, 412, "stale_version")
    assert confirmed.headers["ETag"].strip('"') in problem["detail"]
    fresh = {"If-Match": confirmed.headers["ETag"]}
    assert busy_shop.client.call("PUT", path, json={"status": "cancelled"}, headers=fresh).status_code == 200


# Receipts


def test_goods_come_in_parts(shop: Shop) -> None:
    made = shop.order(A, B, status="confirmed")
    first = shop.receive(made["id"], {A: 5}, notes="a box is missing")
    assert first.status_code == 201
    assert first.headers["ETag"]
    assert first.json()["status"] == "partially_received"
    assert [one["outstanding"] for one in first.json()["items"]] == [7, 12]
    assert (shop.row(A)["on_order"], shop.row(A)["current_stock"], shop.row(B)["on_order"]) == (7, 15, 12)
    last = shop.receive(made["id"], {B: 12, A: 7}).json()
    assert last["status"] == "received"
    assert [one["notes"] for one in last["receipts"]] == [None, "a box is missing"]
    assert [(one["from"], one["to"]) for one in last["history"][-2:]] == [
        ("confirmed", "partially_received"),
        ("partially_received", "received"),
    ]
    assert [(shop.row(item)["on_order"], shop.row(item)["current_stock"]) for item in (A, B)] == [(0, 22), (0, 22)]


def test_goods_are_received_where_they_are(shop: Shop) -> None:
    made = shop.order(A, status="shipped")
    received = shop.receive(made["id"], {A: 12}, location_id="DUBLIN").json()
    assert received["receipts"][0]["location_id"] == "DUBLIN"
    assert stock(shop, A) == {"LONDON": 10, "DUBLIN": 12}
    (place,) = shop.client.get("/products", params={"location_id": "DUBLIN"}).json()["items"]
    assert (place["item_id"], place["current_stock"]) == (A, 12)


def test_stock_stays_as_it_is_when_another_system_counts_it(shop: Shop) -> None:
    shop.set(receive_updates_stock=False)
    made = shop.order(A, status="shipped")
    shop.receive(made["id"], {A: 12})
    assert (shop.row(A)["current_stock"], shop.row(A)["on_order"], stock(shop, A)) == (10, 0, {"LONDON": 10})
    assert "stock_level.received" not in {one["action"] for one in audit(shop, made["id"])}


def test_goods_are_somewhere(shop: Shop) -> None:
    places = shop.client.tenant.collection("locations")
    shop.client.tenant.collection("settings").document("default_location").delete()
    for place in ("LONDON", "DUBLIN"):
        places.document(place).delete()
    made = shop.order(A, status="shipped")
    assert made["location_id"] is None
    for response in (shop.receive(made["id"], {A: 12}), shop.move(made["id"], "received")):
        problem = assert_problem(response, 422, "location_required")
        assert "names no location" in problem["detail"]
        assert problem["errors"][0]["pointer"] == "/location_id"
    assert shop.orders()[0]["status"] == "shipped"
    assert_problem(shop.receive(made["id"], {A: 12}, location_id="MARS"), 422, "location_not_found")
    places.document("CORK").set({"location_id": "CORK", "name": "Cork"})
    assert shop.receive(made["id"], {A: 12}, location_id="CORK").json()["status"] == "received"


def test_more_than_ordered_is_received_within_the_tolerance(shop: Shop) -> None:
    shop.set(over_receipt_tolerance="0.25")
    made = shop.order(A, B, status="shipped")
    problem = assert_problem(shop.receive(made["id"], {A: 15.001}), 422, "over_receipt")
    assert "may still be received: 15.000 (ordered 12.000, received 0.000)" in problem["detail"]
    assert problem["errors"][0]["pointer"] == "/lines/0/quantity"
    found = shop.receive(made["id"], {A: 15}).json()
    assert [(one["received"], one["outstanding"]) for one in found["items"]] == [(15, 0), (0, 12)]
    assert (shop.row(A)["on_order"], shop.row(A)["current_stock"]) == (0, 25)


@pytest.mark.parametrize(
    ("lines", "code", "said", "pointer"),
    [
        ([(A, 12.001)], "over_receipt", "may still be received: 12.000", "/lines/0/quantity"),
        ([(ITEMS[5], 1)], "item_not_ordered", f"'{ITEMS[5]}' is not on order PO-2024-", "/lines/0/item_id"),
        ([(A, 1), (A, 1)], "duplicate_item", "an item has one line", "/lines/1/item_id"),
        ([(A, 0)], "invalid_input", "greater than 0", "/lines/0/quantity"),
        ([], "invalid_input", "at least 1 item", "/lines"),
    ],
)
def test_what_cannot_be_received_is_refused_by_name(
    busy_shop: Shop, lines: list[tuple[str, float]], code: str, said: str, pointer: str
) -> None:
    made = busy_shop.order(A, B, status="shipped")
    body = {"lines": [{"item_id": item, "quantity": units} for item, units in lines]}
    problem = assert_problem(busy_shop.client.post(f"/purchase-orders/{made['id']}/receipts", json=body), 422, code)
    assert said in problem["detail"]
    assert [one["pointer"] for one in problem["errors"]] == [pointer]
    assert busy_shop.client.get(f"/purchase-orders/{made['id']}").json() == made


def test_a_pending_order_receives_nothing(busy_shop: Shop) -> None:
    problem = assert_problem(busy_shop.receive(busy_shop.order(A)["id"], {A: 1}), 409, "illegal_transition")
    assert problem["detail"].endswith("allowed: confirmed, cancelled")
    assert_problem(busy_shop.receive("x", {A: 1}), 404, "purchase_order_not_found")
