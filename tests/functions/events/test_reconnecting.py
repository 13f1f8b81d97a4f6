"""Who comes back is told what was missed, or to read everything anew; nothing is lost without a word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from functions.events import service
from functions.events.feeds import Feeds
from shared.config import config
from shared.domain.access.principal import Role
from shared.firestore.listening import as_microseconds
from tests.functions.events.test_events import ORDERED, token_of
from tests.support.firestore_meter import FirestoreMeter
from tests.support.order_shop import ITEMS
from tests.support.order_shop import open_shop as order_shop
from tests.support.orders import order, put_order
from tests.support.streams import Event, followed
from tests.support.tenants import TestClient, eventually

LINE = {"item_id": ITEMS[1], "supplier_id": "acme", "quantity": 12}


@pytest.fixture(params=["the same instance", "another instance"])
def change_instance(request: pytest.FixtureRequest) -> Callable[[], None]:
    """What happens between two connections: nothing, or the instance and all that it knows is gone."""
    return service.end_all if request.param == "another instance" else lambda: None


def missed(client: TestClient, last_event_id: str | None, token: str | None = None) -> list[Event]:
    """What somebody is told who comes back, between `hello` and `bye`."""
    with followed(client, token=token, last_event_id=last_event_id, max_seconds=0) as stream:
        hello, *told, bye = stream.rest()
        assert (hello.name, bye.name, bye.data) == ("hello", "bye", {"reason": "limit"})
        return told


def test_what_was_missed_is_told(client: TestClient, change_instance: Callable[[], None]) -> None:
    order_shop(client)
    put_order(client, order(1))
    ann = token_of(client, "ann", Role.PROCUREMENT)
    with followed(client, token=ann) as stream:
        last = stream.next().id
    change_instance()
    assert missed(client, last, ann) == []
    placed = client.post("/purchase-orders", json=ORDERED).json()
    client.call("PUT", f"/purchase-orders/{placed['id']}/status", json={"status": "confirmed"})
    as_ann = {"Authorization": f"Bearer {ann}"}
    assert client.post("/order-planning/cart/add", json=LINE, headers=as_ann).status_code == 200
    assert client.call("PUT", "/settings", json={"safety_buffer_days": 9}).status_code == 200
    change_instance()
    # A thing that changed twice is told once; settings that lists go by have a refresh follow. An instance that knew
    # the client before has not always heard of what was committed a moment ago: whoever asks again is told.
    told: list[Event] = []

    def all_is_told() -> bool:
        told[:] = missed(client, last, ann)
        return {event.name for event in told} >= {"order", "catalog", "cart", "settings"}

    eventually(all_is_told, "all that was missed to be told")
    orders = [event.data for event in told if event.name == "order"]
    assert orders == [{"id": placed["id"], "po_number": placed["po_number"], "status": "confirmed"}]
    assert {event.id for event in told[:-1]} == {last}
    of_bob = missed(client, last, token_of(client, "bob", Role.PROCUREMENT))
    assert "cart" not in {event.name for event in of_bob}
    assert [event.name for event in missed(client, told[-1].id, ann) if event.name != "operation"] in ([], ["catalog"])


def test_what_was_missed_is_told_from_any_event_on(client: TestClient, change_instance: Callable[[], None]) -> None:
    """Whichever event was the last that arrived."""
    with followed(client) as stream:
        ids = [stream.next().id]
        for number in (1, 2, 3):
            put_order(client, order(number))
            ids.append(stream.until("order", id=f"order-{number}").id)
    change_instance()
    for number, last in enumerate(ids):
        told = {event.data["id"] for event in missed(client, last)}
        assert told == {f"order-{later}" for later in range(number + 1, 4)}


def test_a_new_instance_goes_on_where_another_was_killed_without_a_query(
    client: TestClient, meter: FirestoreMeter
) -> None:
    with followed(client) as stream:
        last = stream.next().id
        put_order(client, order(1))
        assert stream.next().data["id"] == "order-1"  # the read of the instance that ends is not counted along
        service.end_all()
        meter.reset()
        assert [event.data["id"] for event in missed(client, last)] == ["order-1"]
        # The pointer, the settings and two queries that find nothing; and the order.
        assert meter.of(client.client_id).reads == 5


@pytest.mark.parametrize("last", ["0", "x", "-1", "1" * 17, "1" * 40, "1_000", "٣"])
def test_who_names_no_event_of_late_is_to_read_everything_anew(client: TestClient, last: str) -> None:
    assert [event.name for event in missed(client, last.encode().decode("latin-1"))] == ["resync"]


def test_what_is_an_hour_ago_is_not_told_piece_by_piece(client: TestClient, meter: FirestoreMeter) -> None:
    ago = as_microseconds(dt.datetime.now(dt.UTC) - dt.timedelta(minutes=61))
    meter.reset()
    (told,) = missed(client, str(ago))
    assert told.name == "resync"
    assert meter.of(client.client_id).reads == 5  # as for anybody who opens the client's first stream
    assert missed(client, told.id) == []


def test_too_much_is_not_told_piece_by_piece(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_MISSED", 2)
    ago = str(as_microseconds(dt.datetime.now(dt.UTC) - dt.timedelta(seconds=20)))
    for number in (1, 2, 3):
        if number == 3:
            assert [event.name for event in missed(client, ago)] == ["order", "order"]
        put_order(client, order(number))
    service.end_all()
    assert [event.name for event in missed(client, ago)] == ["resync"]


def test_a_cut_after_hello_loses_nothing(client: TestClient) -> None:
    with followed(client) as stream:
        last = stream.next().id
    put_order(client, order(1))
    with followed(client, last_event_id=last) as stream:
        again = stream.next()  # and no more of it arrives
    assert again.name == "hello"
    assert [event.name for event in missed(client, again.id)] == ["order"]


def test_a_feed_outlasts_its_last_connection_for_who_comes_back(
    client: TestClient, meter: FirestoreMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed(client, None)
    meter.reset()
    missed(client, None)
    assert (meter.of(client.client_id).reads, meter.admissions(client.client_id)) == (0, 1)
    monkeypatch.setattr("functions.events.feeds.KEPT_FOR_S", 0.0)
    feeds: Feeds = service.feeds(config().event_streams)
    missed(client, None)
    eventually(lambda: client.client_id not in feeds.open_feeds, "the feed to close")
    meter.reset()
    missed(client, None)
    assert meter.of(client.client_id).reads == 5
