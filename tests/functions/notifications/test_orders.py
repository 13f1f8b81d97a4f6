"""Orders, told to a client's own system: each is created once, and comes to each status once."""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook

from shared.config import config
from shared.domain.notification import NotificationEvent
from shared.firestore.driver import database
from shared.firestore.notifications import Notifications
from shared.firestore.outbox import waiting_entries
from shared.tasks.delivery import deliver
from tests.support.order_shop import ITEMS, Shop, open_shop
from tests.support.receiver import Receiver, listening
from tests.support.running import Running
from tests.support.tenants import TestClient, eventually

KEY = f"whsec_{base64.b64encode(b'a' * 24).decode()}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as made:
        yield made


def open_told_shop(client: TestClient, receiver: Receiver, events: list[str]) -> Shop:
    shop = open_shop(client.create())
    targets = {"webhook_url": receiver.url("/hook"), "secret": "hook", "events": events}
    assert client.call("PUT", "/settings", json={"notifications": targets}).status_code == 200
    return shop


def told(shop: Shop) -> list[tuple[str, ...]]:
    """What the notifications of the client say, in no order: event, order number, status before and after."""
    data = [(each.event.value, each.data) for each in Notifications(shop.client.tenant).every()]
    return sorted((event, each["po_number"], each.get("previous_status", ""), each["status"]) for event, each in data)


def test_every_way_an_order_goes_is_told_once(
    running: Running, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKCAST_SECRET_HOOK", KEY)
    shop = open_told_shop(TestClient(running.base_url), receiver, [event.value for event in NotificationEvent])
    created, changed = "order.created", "order.status_changed"
    for _ in range(2):
        direct = shop.create(*ITEMS[:2], key="once").json()
    shop.fill_cart(ITEMS[0], ITEMS[10])
    first, second = shop.from_cart().json()["orders"]
    number = direct["po_number"]
    path = f"/purchase-orders/{direct['id']}"
    assert shop.client.call("PATCH", path, json={"notes": "soon"}).status_code == 200
    assert shop.move(direct["id"], "shipped").status_code == 409
    answers: list[int] = []

    def confirm() -> None:
        answers.append(shop.move(direct["id"], "confirmed").status_code)

    racing = [threading.Thread(target=confirm) for _ in range(4)]
    for thread in racing:
        thread.start()
    for thread in racing:
        thread.join()
    assert sorted(answers) == [200, 409, 409, 409]
    for units, key in ((4, "a"), (4, "a"), (4, "b")):
        assert shop.receive(direct["id"], {ITEMS[0]: units}, key=key).status_code == 201
    assert shop.move(direct["id"], "received").status_code == 200
    assert shop.move(first["id"], "cancelled").status_code == 200
    for status in ("confirmed", "shipped", "received"):
        assert shop.move(second["id"], status).status_code == 200

    assert told(shop) == sorted(
        [
            *((created, order["po_number"], "", "pending") for order in (direct, first, second)),
            (changed, number, "pending", "confirmed"),
            (changed, number, "confirmed", "partially_received"),
            (changed, number, "partially_received", "received"),
            (changed, first["po_number"], "pending", "cancelled"),
            (changed, second["po_number"], "pending", "confirmed"),
            (changed, second["po_number"], "confirmed", "shipped"),
            (changed, second["po_number"], "shipped", "received"),
        ]
    )
    for entry in waiting_entries(database(config()), dt.datetime.now(dt.UTC), 500):
        if entry.client_id == shop.client.client_id and entry.function == "notifications":
            deliver(config(), entry)  # as the scheduler's tick does
    eventually(lambda: len(receiver.received) == 10, "every notification to be delivered")
    bodies: list[dict[str, Any]] = []
    for request in receiver.received:
        Webhook(KEY).verify(request.body, request.headers)
        bodies.append(json.loads(request.body))
    confirmed = next(body for body in bodies if body["data"].get("previous_status") == "pending")
    order = next(each for each in (direct, first, second) if each["id"] == confirmed["data"]["order_id"])
    assert confirmed["type"] == changed
    assert confirmed["data"] | {"status": "", "previous_status": ""} == {
        "client_id": shop.client.client_id,
        "order_id": order["id"],
        "po_number": order["po_number"],
        "supplier_id": order["supplier_id"],
        "supplier_name": order["supplier_name"],
        "status": "",
        "previous_status": "",
        "total_amount": order["total_amount"],
        "currency": "GBP",
    }


def test_who_wants_no_orders_is_told_of_none(running: Running, receiver: Receiver) -> None:
    shop = open_told_shop(TestClient(running.base_url), receiver, ["run.failed"])
    shop.move(shop.order()["id"], "confirmed")
    assert told(shop) == []
