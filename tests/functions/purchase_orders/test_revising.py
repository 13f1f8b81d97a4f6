"""A pending order is changed: lines, notes, shipping and date, with all that follows in lists and the audit log."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from shared.domain.access.principal import Role
from tests.support.at_once import at_once
from tests.support.audit import audit_entries
from tests.support.firestore_meter import FirestoreMeter
from tests.support.order_shop import ITEMS, Shop
from tests.support.problems import assert_problem

A, B, C = ITEMS[:3]


def change(shop: Shop, order_id: str, headers: dict[str, str] | None = None, **fields: Any) -> requests.Response:
    return shop.client.call("PATCH", f"/purchase-orders/{order_id}", json=fields, headers=headers)


def test_lines_are_replaced_and_what_is_on_order_with_them(shop: Shop) -> None:
    made = shop.order(A, B, notes="by lorry")
    body = [{"item_id": A, "quantity": 18}, {"item_id": C, "quantity": 12, "unit_cost": 0.5}]
    changed = change(shop, made["id"], items=body)
    assert changed.status_code == 200, changed.text
    order = changed.json()
    assert [(line["item_id"], line["quantity"], line["unit_cost"], line["total_price"]) for line in order["items"]] == [
        (A, 18, 1.75, 31.5),
        (C, 12, 0.5, 6),
    ]
    assert (order["total_amount"], order["line_count"], order["notes"]) == (37.5, 2, "by lorry")
    assert order["expected_delivery_date"] == "2024-06-10"  # 7 days for C, where B took 6
    assert [shop.row(item)["on_order"] for item in (A, B, C)] == [18, 0, 12]
    response = shop.client.get(f"/purchase-orders/{made['id']}")
    assert (response.json(), response.headers["ETag"]) == (order, changed.headers["ETag"])
    assert shop.orders()[0]["total_amount"] == 37.5


def test_other_fields_are_changed_alone_and_can_be_taken_back(shop: Shop) -> None:
    made = shop.order(A)
    order = change(shop, made["id"], notes="Ring.", shipping_method="sea freight", shipping_unit="pallet").json()
    assert (order["notes"], order["shipping_method"], order["shipping_unit"]) == ("Ring.", "sea freight", "pallet")
    assert order["items"] == made["items"]
    order = change(shop, made["id"], notes=None, shipping_unit="", expected_delivery_date="2024-08-01").json()
    assert (order["notes"], order["shipping_method"], order["shipping_unit"]) == (None, "sea freight", None)
    assert order["expected_delivery_date"] == "2024-08-01"
    # A date that somebody has set stays when lines change, and goes when it is taken back.
    order = change(shop, made["id"], items=[{"item_id": B, "quantity": 12}]).json()
    assert order["expected_delivery_date"] == "2024-08-01"
    assert change(shop, made["id"], expected_delivery_date=None).json()["expected_delivery_date"] == "2024-06-09"
    assert change(shop, made["id"]).json()["items"] == order["items"]


def test_an_agreed_cost_stays_with_its_item(shop: Shop) -> None:
    made = shop.client.post(
        "/purchase-orders", json={"supplier_id": "acme", "items": [{"item_id": A, "quantity": 12, "unit_cost": 1.5}]}
    ).json()
    order = change(shop, made["id"], items=[{"item_id": A, "quantity": 24}, {"item_id": B, "quantity": 12}]).json()
    assert [line["unit_cost"] for line in order["items"]] == [1.5, 1.75]


@pytest.mark.parametrize(
    ("items", "code", "pointer"),
    [
        ([{"item_id": A, "quantity": 6}], "below_moq", "/items/0/quantity"),
        ([{"item_id": A, "quantity": 13}], "not_a_pack_multiple", "/items/0/quantity"),
        ([{"item_id": A, "quantity": 12}, {"item_id": A, "quantity": 12}], "duplicate_item", "/items/1/item_id"),
        ([{"item_id": ITEMS[10], "quantity": 12}], "supplier_not_linked", "/items/0/item_id"),
        ([{"item_id": "none", "quantity": 12}], "product_not_found", "/items/0/item_id"),
        ([], "invalid_input", "/items"),
    ],
)
def test_lines_are_checked_as_when_an_order_is_placed(
    busy_shop: Shop, items: list[dict[str, Any]], code: str, pointer: str
) -> None:
    made = busy_shop.order(A)
    problem = assert_problem(change(busy_shop, made["id"], items=items), 422, code)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert busy_shop.client.get(f"/purchase-orders/{made['id']}").json() == made


def test_what_else_is_refused(shop: Shop) -> None:
    made = shop.order(A)
    assert_problem(change(shop, made["id"], expected_delivery_date="2024-06-02"), 422, "delivery_before_order")
    assert_problem(change(shop, made["id"], status="confirmed"), 422, "unknown_field")
    assert_problem(change(shop, made["id"], notes="x" * 2001), 422, "invalid_input")
    assert_problem(change(shop, made["id"], notes="\x07"), 422, "invalid_input")
    assert_problem(change(shop, "none", notes="x"), 404, "purchase_order_not_found")
    stale = {"If-Match": '"2024-01-01T00:00:00+00:00"'}
    assert_problem(change(shop, made["id"], headers=stale, notes="x"), 412, "stale_version")
    shop.move(made["id"], "confirmed")
    problem = assert_problem(change(shop, made["id"], notes="x"), 409, "order_not_pending")
    assert "is confirmed: only a pending order can be changed" in problem["detail"]
    viewer = shop.client.call("PATCH", f"/purchase-orders/{made['id']}", json={"notes": "x"}, role=Role.VIEWER)
    assert viewer.status_code == 403


def test_changes_at_once_are_made_one_after_the_other(shop: Shop) -> None:
    made = shop.order(A)
    etag = {"If-Match": shop.client.get(f"/purchase-orders/{made['id']}").headers["ETag"]}
    answers = at_once(*[lambda: change(shop, made["id"], headers=etag, notes="mine")] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]


def test_a_change_is_in_the_audit_log(shop: Shop) -> None:
    made = shop.order(A, B)
    change(shop, made["id"], items=[{"item_id": A, "quantity": 18}], notes="less")
    (entry,) = [entry for entry in audit_entries(shop.client) if entry["action"] == "purchase_order.changed"]
    assert entry["subject_id"] == made["id"]
    assert entry["before"]["items"] == {item: {"quantity": "12.000", "unit_cost": "1.7500"} for item in (A, B)}
    assert entry["after"] == {
        "items": {A: {"quantity": "18.000", "unit_cost": "1.7500"}},
        "notes": "less",
        "total_amount": "31.50",
        "expected_delivery_date": "2024-06-08",
    }


def test_what_it_costs(shop: Shop, meter: FirestoreMeter) -> None:
    made = shop.order(A)
    shop.row(A)
    meter.reset()
    change(shop, made["id"], notes="x")
    # Change document, pointer, edit; order, audit entry, outbox.
    assert meter.of(shop.client.client_id).writes == 6
