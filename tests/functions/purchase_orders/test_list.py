"""The list of orders: pages, filters, what a row says."""

from __future__ import annotations

import datetime as dt

import pytest

from shared.firestore import order_lists
from tests.support.order_shop import ITEMS, Shop, open_shop
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TestClient


@pytest.fixture(scope="module")
def listed(running: Running) -> Shop:
    """Five orders, of two suppliers, in three statuses."""
    shop = open_shop(TestClient(running.base_url).create())
    shop.order(ITEMS[0], ITEMS[1], status="shipped")
    shop.order(ITEMS[10], status="confirmed")
    shop.order(ITEMS[0])
    shop.order(ITEMS[10])
    shop.move(shop.order(ITEMS[1])["id"], "cancelled")
    return shop


def numbers(shop: Shop, query: str = "") -> list[int]:
    return [int(one["po_number"][-6:]) for one in shop.orders(query)]


def test_the_newest_orders_come_first(listed: Shop) -> None:
    assert numbers(listed) == [5, 4, 3, 2, 1]
    newest, oldest = listed.orders()[0], listed.orders()[-1]
    assert (newest["status"], newest["outstanding_line_count"], newest["line_count"]) == ("cancelled", 0, 1)
    assert (oldest["supplier_name"], oldest["total_amount"], oldest["outstanding_line_count"]) == ("Acme Ltd", 42, 2)
    assert "items" not in oldest


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=pending", [4, 3]),
        ("status=pending,shipped", [4, 3, 1]),
        ("status=pending&status=shipped", [4, 3, 1]),
        ("supplier_id=best", [4, 2]),
        ("supplier_id=best&status=confirmed", [2]),
        ("from_date=2024-06-03&to_date=2024-06-03", [5, 4, 3, 2, 1]),
        ("from_date=2024-06-04", []),
        ("to_date=2024-06-02&status=pending&supplier_id=acme", []),
        ("supplier_id=best,acme&status=confirmed,shipped", [2, 1]),
        ("sort=po_number", [1, 2, 3, 4, 5]),
        ("sort=supplier_name,-po_number", [5, 3, 1, 4, 2]),
        ("sort=-total_amount,po_number", [1, 2, 3, 4, 5]),
        ("sort=status,po_number", [5, 2, 3, 4, 1]),
        ("search=PO-2024-000003", [3]),
        ("search=000003", [3]),
        ("search=BEST", [4, 2]),
        ("search=item 10", [4, 2]),
        ("search=Item 10/X", [4, 2]),
        ("search=nothing", []),
        ("overdue=true", []),
        ("overdue=false&status=pending", [4, 3]),
    ],
)
def test_filters_narrow_together(listed: Shop, query: str, found: list[int]) -> None:
    assert numbers(listed, query) == found


def test_pages_follow_each_other(listed: Shop) -> None:
    first = listed.client.get("/purchase-orders?page_size=2&supplier_id=acme").json()
    assert [one["po_number"][-1] for one in first["items"]] == ["5", "3"]
    token = first["next_page_token"]
    second = listed.client.get(f"/purchase-orders?page_size=2&supplier_id=acme&page_token={token}").json()
    assert [one["po_number"][-1] for one in second["items"]] == ["1"]
    assert second["next_page_token"] is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page_token=garbage", "invalid_page_token"),
        ("page_token=Z2FyYmFnZQ==", "invalid_page_token"),
        ("status=lost", "invalid_input"),
        ("from_date=June", "invalid_input"),
        ("page_size=201", "invalid_input"),
        ("sort=colour", "unknown_order_sort"),
        ("search=", "invalid_input"),
        ("overdue=maybe", "invalid_input"),
        ("colour=red", "unknown_field"),
    ],
)
def test_a_query_that_means_nothing_is_refused(listed: Shop, query: str, code: str) -> None:
    assert_problem(listed.client.get(f"/purchase-orders?{query}"), 422, code)


def test_a_search_of_too_many_orders_says_how_to_narrow_it(listed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_lists, "MAX_SELECTED", 2)
    problem = assert_problem(listed.client.get("/purchase-orders?search=item"), 422, "too_many_orders")
    assert "narrow them by from_date, to_date, status or supplier_id" in problem["detail"]
    assert problem["errors"][0]["pointer"] == "query/search"
    assert numbers(listed, "search=item&supplier_id=best") == [4, 2]


def test_an_order_that_is_not_there(listed: Shop) -> None:
    problem = assert_problem(listed.client.get("/purchase-orders/nothing"), 404, "purchase_order_not_found")
    assert problem["detail"] == "no purchase order 'nothing'"


def test_a_page_by_number_has_the_total(listed: Shop) -> None:
    page = listed.client.get("/purchase-orders?page=2&page_size=2").json()
    assert [row["po_number"][-1] for row in page["items"]] == ["3", "2"]
    assert (page["page"], page["page_size"], page["total"]) == (2, 2, 5)


def test_an_order_is_overdue_once_its_day_has_passed(shop: Shop) -> None:
    late, cancelled, due = (shop.order(ITEMS[0], expected_delivery_date="2024-06-03") for _ in range(3))
    shop.move(cancelled["id"], "cancelled")
    shop.client.create(business_date=dt.date(2024, 6, 4))
    assert [row["id"] for row in shop.orders("overdue=true&sort=po_number")] == [late["id"], due["id"]]
    shop.client.call("PATCH", f"/purchase-orders/{due['id']}", json={"expected_delivery_date": "2024-06-04"})
    assert [row["id"] for row in shop.orders("overdue=true")] == [late["id"]]


def test_a_row_says_when_it_last_changed(shop: Shop) -> None:
    made = shop.order(ITEMS[0])
    (row,) = shop.orders()
    assert (row["created_at"], row["updated_at"]) == (made["created_at"], made["updated_at"])
    moved = shop.move(made["id"], "confirmed").json()
    (row,) = shop.orders()
    assert row["created_at"] == made["created_at"] < made["updated_at"] < moved["updated_at"] == row["updated_at"]
