"""Every answer of order planning is what the OpenAPI document declares: `call` checks that."""

from __future__ import annotations

from typing import Any

from tests.support.tenants import TestClient

CART = "/order-planning/cart"


def test_what_is_answered(shop: TestClient) -> None:
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/order-planning/suggestions", None),
        ("POST", f"{CART}/add", {"item_id": "plenty", "supplier_id": "fast"}),
        ("POST", f"{CART}/add", {"item_id": "A/1", "supplier_id": "fast"}),
        ("POST", f"{CART}/add-suggestions", {}),
        ("PUT", f"{CART}/quick", {"quantity": 3.0}),
        ("GET", CART, None),
        ("DELETE", f"{CART}/quick", None),
        ("POST", f"{CART}/clear", None),
    ]
    for method, path, body in calls:
        response = shop.call(method, path, json=body)
        assert response.status_code in (200, 204), response.text


def test_what_is_refused(shop: TestClient) -> None:
    calls: list[tuple[str, str, Any, int]] = [
        ("POST", f"{CART}/add", {"item_id": "quick", "supplier_id": "acme"}, 422),
        ("POST", f"{CART}/add", {"item_id": "nothing", "supplier_id": "acme"}, 404),
        ("PUT", f"{CART}/quick", {"quantity": 3}, 404),
        ("DELETE", f"{CART}/quick", None, 404),
    ]
    for method, path, body, status in calls:
        response = shop.call(method, path, json=body)
        assert response.status_code == status, response.text
