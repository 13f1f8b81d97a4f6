"""Screens are told over HTTP what has changed, each what it may know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import requests

from shared.config import config
from shared.domain.access.principal import Principal, Role
from shared.http.tokens import issue_access_token
from tests.support.order_shop import ITEMS
from tests.support.order_shop import open_shop as order_shop
from tests.support.orders import order, put_order
from tests.support.shops import PRODUCTS, STOCK
from tests.support.streams import Event, followed
from tests.support.tenants import TestClient

ORDERED = {"supplier_id": "acme", "items": [{"item_id": ITEMS[0], "quantity": 12}]}


def token_of(client: TestClient, user_id: str, role: Role, lifetime: dt.timedelta = dt.timedelta(minutes=5)) -> str:
    caller = Principal(user_id, client.client_id, role)
    return issue_access_token(config(), caller, dt.datetime.now(dt.UTC), lifetime)


def test_an_order_is_told_from_its_placing_to_its_receipt(client: TestClient) -> None:
    order_shop(client)
    with followed(client, role=Role.VIEWER) as stream:
        assert stream.next().name == "hello"
        placed = client.post("/purchase-orders", json=ORDERED).json()
        told = stream.until("order").data
        assert told == {"id": placed["id"], "po_number": placed["po_number"], "status": "pending"}
        for status in ("confirmed", "shipped"):
            client.call("PUT", f"/purchase-orders/{placed['id']}/status", json={"status": status})
            assert stream.until("order").data == told | {"status": status}
        received = {"lines": [{"item_id": ITEMS[0], "quantity": 12}]}
        assert client.post(f"/purchase-orders/{placed['id']}/receipts", json=received).status_code == 201
        assert stream.until("order").data == told | {"status": "received"}


def test_a_refresh_is_followed_to_the_lists_that_it_changes(client: TestClient) -> None:
    client.stock(PRODUCTS, STOCK)
    with followed(client) as stream:
        assert stream.next().data == {"catalog_version": None}
        operation = client.refresh()
        events = [stream.next()]
        while events[-1].name != "catalog" or events[-2:-1] == []:
            events.append(stream.next())
        first = events[0]
        assert (first.name, first.data["id"], first.data["kind"]) == ("operation", operation["id"], "metrics_refresh")
        version = events[-1].data["version"]
        ended = stream.until("operation", id=operation["id"], status="succeeded")
        assert ended.data["step"] is None
    with followed(client) as another:
        assert another.next().data == {"catalog_version": version}
        change = {"item_id": "A/1", "location_id": "LONDON", "current_stock": 1, "reason": "counted"}
        assert client.call("PUT", "/inventory/stock-levels", json=change).status_code == 200
        assert another.next().data != {"version": version}


def test_the_progress_of_an_operation_is_told(client: TestClient) -> None:
    rows = "".join(f"P{number},Product {number}\n" for number in range(3000))
    with followed(client) as stream:
        file = {"file": ("products.csv", f"item_id,product_name\n{rows}")}
        started = client.post("/etl/import", files=file, data={"kind": "products"}).json()
        told: list[Event] = []
        while not told or told[-1].data["status"] != "succeeded":
            told.append(stream.until("operation", id=started["id"]))
    assert {event.data["kind"] for event in told} == {"etl_import.products"}
    steps = [event.data["step"] for event in told]
    assert len(set(steps)) > 2
    assert any(event.data["progress"] and event.data["progress"]["done"] > 0 for event in told)
    assert told[0].data["progress"] is None
    assert all(told[number].data != told[number + 1].data for number in range(len(told) - 1))


def test_a_cart_is_told_to_the_other_tabs_of_its_owner_alone(client: TestClient) -> None:
    order_shop(client)
    tokens = {name: token_of(client, name, Role.PROCUREMENT) for name in ("ann", "bob")}
    tokens["ann, who may not order"] = token_of(client, "ann", Role.VIEWER)
    with (
        followed(client, token=tokens["ann"]) as anns,
        followed(client, token=tokens["bob"]) as bobs,
        followed(client, token=tokens["ann, who may not order"]) as viewers,
    ):
        for stream in (anns, bobs, viewers):
            assert stream.next().name == "hello"
        line = {"item_id": ITEMS[0], "supplier_id": "acme", "quantity": 12}
        added = client.post("/order-planning/cart/add", json=line, headers=_as(tokens["ann"]))
        assert added.status_code == 200, added.text
        assert anns.next().name == "cart"
        assert client.post("/order-planning/cart/clear", headers=_as(tokens["ann"])).status_code == 204
        assert anns.next().name == "cart"
        put_order(client, order(1))
        assert [stream.next().name for stream in (bobs, viewers)] == ["order", "order"]


def test_settings_are_told_with_what_lists_show_by_them(open_shop: TestClient) -> None:
    with followed(open_shop, role=Role.MARKETING) as stream:
        stream.next()
        assert open_shop.call("PUT", "/settings", json={"safety_buffer_days": 9}).status_code == 200
        assert {stream.next().name, stream.next().name} >= {"settings", "catalog"}


def test_nothing_is_told_of_another_client(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    order_shop(client)
    other = new_client()
    with followed(other) as stream:
        stream.next()
        assert client.post("/purchase-orders", json=ORDERED).status_code == 201
        line = {"item_id": ITEMS[1], "supplier_id": "acme", "quantity": 12}
        assert client.post("/order-planning/cart/add", json=line).status_code == 200
        assert client.call("PUT", "/settings", json={"safety_buffer_days": 9}).status_code == 200
        put_order(other, order(7))
        first = stream.next()
        assert (first.name, first.data["id"]) == ("order", "order-7")


def test_the_answer_is_a_stream_that_no_proxy_keeps(client: TestClient) -> None:
    headers = _as(client.token()) | {"Accept-Encoding": "gzip"}
    url = f"{client.base_url}/events?max_seconds=0"
    response = requests.get(url, headers=headers, timeout=60)
    assert response.headers["Content-Type"] == "text/event-stream"
    assert (response.headers["Cache-Control"], response.headers["X-Accel-Buffering"]) == ("no-store", "no")
    assert "Content-Encoding" not in response.headers
    assert response.text.startswith("retry: 2000\n\nid: ")
    assert response.text.endswith('event: bye\ndata: {"reason":"limit"}\n\n')


def _as(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
