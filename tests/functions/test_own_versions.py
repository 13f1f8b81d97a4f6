"""Who saves gets their own change back with its own ETag, also when another editor comes right after them.

With the other one's ETag they would overwrite what they have never seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from shared.firestore.transaction import Transaction
from tests.support.tenants import TestClient

Body = dict[str, Any]
SUPPLIER = "/suppliers/acme"
CONDITION = "/products/A%2F1/suppliers/acme"
LOCATION = "/locations/LONDON"
TERMS = {"lead_time_days": 5, "moq": 12, "packaging_qty": 6, "supplier_cost": 1.75}
CAMPAIGN = {"start_date": "2024-06-01", "end_date": "2024-06-30"}


def _campaign(client: TestClient) -> str:
    response = client.post("/campaigns", json=CAMPAIGN | {"name": "Before"})
    return f"/campaigns/{response.json()['campaign_id']}"


def _condition(client: TestClient) -> str:
    assert client.post("/products/A%2F1/suppliers", json=TERMS | {"supplier_id": "acme"}).status_code == 201
    return CONDITION


def _order(client: TestClient) -> str:
    _condition(client)
    body = {"supplier_id": "acme", "items": [{"item_id": "A/1", "quantity": 12}]}
    return f"/purchase-orders/{client.post('/purchase-orders', json=body).json()['id']}"


def _user(client: TestClient) -> str:
    body = {"email": f"{client.client_id}@example.com", "password": "correct horse battery", "role": "VIEWER"}
    response = client.post("/auth/users", json=body)
    assert response.status_code == 201, response.text
    return f"/auth/users/{response.json()['user_id']}"


# What is edited: where it is found, its collection, the request's method and path below that, and both editors' bodies.
EDITS: dict[str, tuple[Callable[[TestClient], str], str, str, str, Body, Body]] = {
    "product": (lambda _: "/products/A%2F1", "products", "PATCH", "", {"category": "First"}, {"category": "Second"}),
    "supplier": (lambda _: SUPPLIER, "suppliers", "PUT", "", {"name": "First"}, {"name": "Second"}),
    "condition": (_condition, "product_suppliers", "PUT", "", {"lead_time_days": 7}, {"lead_time_days": 8}),
    "campaign": (_campaign, "campaigns", "PUT", "", CAMPAIGN | {"name": "First"}, CAMPAIGN | {"name": "Second"}),
    "campaign's products": (
        _campaign,
        "campaigns",
        "PUT",
        "/products",
        {"products": [{"item_id": "A/1"}]},
        {"products": []},
    ),
    "location": (lambda _: LOCATION, "locations", "PUT", "", {"name": "First"}, {"name": "Second"}),
    "settings": (lambda _: "/settings", "settings", "PUT", "", {"safety_buffer_days": 3}, {"safety_buffer_days": 4}),
    "status": (_order, "purchase_orders", "PUT", "/status", {"status": "confirmed"}, {"status": "shipped"}),
    "receipt": (
        _order,
        "purchase_orders",
        "POST",
        "/receipts",
        {"lines": [{"item_id": "A/1", "quantity": 2}]},
        {"lines": [{"item_id": "A/1", "quantity": 3}]},
    ),
    "user": (_user, "users", "PUT", "", {"role": "CEO"}, {"role": "PROCUREMENT"}),
}


@pytest.mark.parametrize("edited", EDITS)
def test_each_editor_has_the_version_of_their_own_change(
    open_shop: TestClient, monkeypatch: pytest.MonkeyPatch, edited: str
) -> None:
    make, collection, method, below, first, second = EDITS[edited]
    path = make(open_shop)
    if edited == "receipt":
        open_shop.call("PUT", f"{path}/status", json={"status": "confirmed"})
    answers: list[requests.Response] = []
    commit = Transaction.commit

    def commit_and_be_overtaken(transaction: Transaction) -> None:
        written = [message.update.name for message in transaction._commit._messages]
        commit(transaction)
        if not answers and any(f"/{collection}/" in path for path in written):  # not what a task commits meanwhile
            answers.append(requests.Response())  # the second editor is not overtaken
            answers[0] = open_shop.call(method, path + below, json=second)

    monkeypatch.setattr(Transaction, "commit", commit_and_be_overtaken)
    mine, theirs = open_shop.call(method, path + below, json=first), answers[0]
    assert mine.ok, mine.text
    assert theirs.ok, theirs.text
    assert mine.json() != theirs.json()
    found = open_shop.get(path)
    both = found.json().keys() & theirs.json().keys()  # some answers are shorter than the detail
    assert {name: found.json()[name] for name in both} == {name: theirs.json()[name] for name in both}
    assert found.headers["ETag"] == theirs.headers["ETag"] != mine.headers["ETag"]
    if method != "POST":
        stale = open_shop.call(method, path + below, json=first, headers={"If-Match": mine.headers["ETag"]})
        assert stale.status_code == 412
