"""Receipts of an order: as many as there are, the newest first, a page at a time."""

from __future__ import annotations

from tests.support.firestore_meter import FirestoreMeter
from tests.support.order_shop import ITEMS, Shop
from tests.support.problems import assert_problem

A = ITEMS[0]
_EXPORT_READS = 5


def test_an_order_shows_its_newest_receipts_and_lists_them_all(shop: Shop, meter: FirestoreMeter) -> None:
    made = shop.order(A, status="shipped")
    for number in range(1, 13):
        answer = shop.receive(made["id"], {A: 0.5}, notes=f"delivery {number}").json()
        assert answer["receipt_count"] == number
        assert answer["receipts"][0]["notes"] == f"delivery {number}"
    shown = shop.client.get(f"/purchase-orders/{made['id']}").json()
    assert shown == answer
    assert [receipt["number"] for receipt in shown["receipts"]] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    path = f"/purchase-orders/{made['id']}/receipts"
    pages = [shop.client.get(f"{path}?page={page}&page_size=5").json() for page in (1, 2, 3, 4)]
    behind = shop.client.get(f"{path}?page_size=5&page_token={pages[0]['next_page_token']}").json()
    assert behind == pages[1]
    assert pages[2]["next_page_token"] is None
    assert {page["total"] for page in pages} == {12}
    numbers = [[receipt["number"] for receipt in page["items"]] for page in pages]
    assert numbers == [[12, 11, 10, 9, 8], [7, 6, 5, 4, 3], [2, 1], []]
    assert pages[0]["items"][0] == shown["receipts"][0]
    meter.reset()
    shop.client.get(f"{path}?page_size=5")
    # The order, and a receipt each; the task that exports the last one's events may be reading yet.
    assert meter.of(shop.client.client_id).reads <= 6 + _EXPORT_READS


def test_an_order_that_is_not_there_has_no_receipts(shop: Shop) -> None:
    assert_problem(shop.client.get("/purchase-orders/none/receipts"), 404, "purchase_order_not_found")
    assert shop.client.get(f"/purchase-orders/{shop.order(A)['id']}/receipts").json()["items"] == []
