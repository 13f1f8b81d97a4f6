"""Orders when several people, or one person twice, do something at once; and when a request dies half-way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import requests

from shared.firestore.products import StockLevels
from shared.firestore.transaction import Transaction
from tests.support.at_once import at_once
from tests.support.order_shop import ITEMS, Shop
from tests.support.problems import assert_problem

A, B = ITEMS[:2]
Call = Callable[[], requests.Response]


def by_status(responses: Sequence[requests.Response]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for one in responses:
        found.setdefault(one.status_code, []).append(one.json())
    return found


def forget_answers(shop: Shop) -> None:
    """As if the requests had died after their commit, and their claims had run out."""
    for found in shop.client.tenant.collection("idempotency").get():
        found.reference.delete()


# At once


def test_a_cart_that_is_ordered_twice_at_once_is_ordered_once(shop: Shop) -> None:
    shop.fill_cart(A, B, ITEMS[10])
    found = by_status(at_once(*[shop.from_cart] * 3))
    assert sorted(found) == [201, 409]
    assert [one["code"] for one in found[409]] == ["cart_empty"] * 2
    assert {one["id"] for one in shop.orders()} == {one["id"] for one in found[201][0]["orders"]}
    assert sorted(line["item_id"] for one in found[201][0]["orders"] for line in one["items"]) == [A, B, ITEMS[10]]
    assert [shop.row(item)["on_order"] for item in (A, B, ITEMS[10])] == [12, 12, 12]


def test_two_buyers_who_order_the_same_items_both_get_theirs(shop: Shop) -> None:
    buyers = ["ann", "bob"]
    for buyer in buyers:
        shop.fill_cart(A, B, user_id=buyer)

    def order(buyer: str) -> Call:
        headers = shop.as_user(buyer)
        return lambda: shop.client.post("/purchase-orders/from-cart", json={}, headers=headers)

    responses = at_once(*(order(buyer) for buyer in buyers))
    assert [one.status_code for one in responses] == [201, 201]
    assert {one.json()["orders"][0]["po_number"] for one in responses} == {"PO-2024-000001", "PO-2024-000002"}
    assert (shop.cart("ann"), shop.cart("bob")) == ([], [])
    assert [shop.row(item)["on_order"] for item in (A, B)] == [24, 24]


def test_orders_created_at_once_have_numbers_without_gaps(shop: Shop) -> None:
    responses = at_once(*[lambda: shop.create(A)] * 20)
    assert {one.status_code for one in responses} == {201}
    assert sorted(one.json()["po_number"] for one in responses) == [f"PO-2024-{one:06d}" for one in range(1, 21)]
    assert shop.row(A)["on_order"] == 20 * 12


def test_a_retry_that_races_its_first_call_makes_no_second_order(shop: Shop) -> None:
    found = by_status(at_once(*[lambda: shop.create(A, key="k")] * 4))
    assert set(found) <= {201, 409}
    assert {one["code"] for one in found.get(409, [])} <= {"request_in_progress"}
    (made,) = shop.orders()
    assert {one["id"] for one in found[201]} == {made["id"]}
    assert shop.create(A, key="k").json()["id"] == made["id"]
    assert shop.row(A)["on_order"] == 12
    assert_problem(shop.create(B, key="k"), 422, "idempotency_key_reused")


def test_a_receipt_that_is_posted_twice_counts_once(shop: Shop) -> None:
    made = shop.order(A, status="shipped")
    found = by_status(at_once(*[lambda: shop.receive(made["id"], {A: 5}, key="k")] * 2))
    assert {one["code"] for one in found.get(409, [])} <= {"request_in_progress"}
    again = shop.receive(made["id"], {A: 5}, key="k").json()
    assert again == found[201][0]
    assert (len(again["receipts"]), again["items"][0]["received"]) == (1, 5)
    assert StockLevels(shop.client.tenant).get(A).levels == {"LONDON": 15}
    other = shop.receive(made["id"], {A: 5}, key="another").json()
    assert (len(other["receipts"]), other["items"][0]["received"]) == (2, 10)


def test_receipts_at_once_all_count(shop: Shop) -> None:
    made = shop.order(A, status="shipped")
    responses = at_once(*[lambda: shop.receive(made["id"], {A: 2})] * 6)
    assert {one.status_code for one in responses} == {201}
    found = shop.client.get(f"/purchase-orders/{made['id']}").json()
    assert (found["status"], len(found["receipts"])) == ("received", 6)
    assert StockLevels(shop.client.tenant).get(A).levels == {"LONDON": 22}
    assert (shop.row(A)["current_stock"], shop.row(A)["on_order"]) == (22, 0)


def test_a_cancellation_and_a_receipt_do_not_both_happen(shop: Shop) -> None:
    made = shop.order(A, status="shipped")
    cancelled, received = at_once(lambda: shop.move(made["id"], "cancelled"), lambda: shop.receive(made["id"], {A: 5}))
    assert sorted([cancelled.status_code == 200, received.status_code == 201]) == [False, True]
    lost = received if cancelled.status_code == 200 else cancelled
    assert_problem(lost, 409, "illegal_transition")
    found = shop.client.get(f"/purchase-orders/{made['id']}").json()
    expected = ("cancelled", 0, 10, 0) if lost is received else ("partially_received", 5, 15, 7)
    row = shop.row(A)
    assert (found["status"], found["items"][0]["received"], row["current_stock"], row["on_order"]) == expected


# Half-way


def test_an_order_whose_request_died_after_its_commit_is_found_again(shop: Shop) -> None:
    shop.fill_cart(A)
    first = shop.create(A, B, key="k")
    shop.fill_cart(A)
    forget_answers(shop)
    again = shop.create(A, B, key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (len(shop.orders()), shop.row(A)["on_order"]) == (1, 12)
    assert shop.cart() == [A]  # what was put in since is not this order's


def test_a_cart_whose_request_died_after_its_commit_is_found_again(shop: Shop) -> None:
    shop.fill_cart(A, ITEMS[10], ITEMS[20])
    first = shop.from_cart(key="k")
    forget_answers(shop)
    again = shop.from_cart(key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(shop.orders()) == 3
    forget_answers(shop)
    shop.fill_cart(B)
    assert shop.from_cart(key="k").json() == first.json()
    assert shop.cart() == [B]


def test_a_receipt_whose_request_died_after_its_commit_counts_once(shop: Shop) -> None:
    made = shop.order(A, status="shipped")
    first = shop.receive(made["id"], {A: 12}, key="k")
    forget_answers(shop)
    again = shop.receive(made["id"], {A: 12}, key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert StockLevels(shop.client.tenant).get(A).levels == {"LONDON": 22}


def state(shop: Shop) -> dict[str, Any]:
    """What an order touches."""
    tenant = shop.client.tenant
    return {
        "orders": [shop.client.get(f"/purchase-orders/{one['id']}").json() for one in shop.orders()],
        "cart": shop.cart(),
        "counter": tenant.collection("counters").document("purchase_orders-2024").get().to_dict(),
        "stock": [StockLevels(tenant).get(item).levels for item in (A, ITEMS[20])],
        "rows": [shop.row(item) for item in (A, ITEMS[20])],
    }


@pytest.mark.parametrize("what", ["create", "from_cart", "move", "receive"])
def test_a_request_that_dies_between_read_and_commit_changes_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    shop.fill_cart(A, B, ITEMS[10])
    made = shop.order(ITEMS[20], status="shipped")
    calls: dict[str, Call] = {
        "create": lambda: shop.create(A, key="k"),
        "from_cart": lambda: shop.from_cart(key="k"),
        "move": lambda: shop.move(made["id"], "received"),
        "receive": lambda: shop.receive(made["id"], {ITEMS[20]: 5}, key="k"),
    }
    before, commit = state(shop), Transaction.commit
    killed: list[Transaction] = []

    def dying(transaction: Transaction) -> None:
        if any("/purchase_orders/" in write.update.name for write in transaction._commit._messages):
            killed.append(transaction)
            raise RuntimeError("killed")
        commit(transaction)

    monkeypatch.setattr(Transaction, "commit", dying)
    assert_problem(calls[what](), 500, "internal_error")
    assert len(killed) == 1
    assert state(shop) == before
    monkeypatch.undo()
    assert calls[what]().status_code in (200, 201)  # and the key is free again
