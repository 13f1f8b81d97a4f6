"""One call of Listen for all connections of a client: what it is billed, and what becomes of it when it is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests

from functions.events import feed as feed_module
from functions.events import service
from functions.events.feed import PROBED_AFTER_S, Feed
from shared.config import config
from shared.domain.access.principal import Principal, Role
from shared.firestore.listening import Heard
from tests.functions.events.test_events import token_of
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.orders import order, put_order
from tests.support.streams import followed
from tests.support.tenants import TestClient, eventually

OPENED = 5  # reads: the pointer, the settings, and three queries that find nothing


@dataclass
class Clock:
    """A clock that goes on when it is told to."""

    seconds: float = 0.0
    feeds: list[Feed] = field(default_factory=list)

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    yield clock
    for feed in clock.feeds:
        feed.close()


def opened(client: TestClient, clock: Clock) -> Feed:
    feed = Feed(client.tenant, dt.datetime.now(dt.UTC), clock)
    clock.feeds.append(feed)
    feed.start()
    return feed


def caller(client: TestClient) -> Principal:
    return Principal("ann", client.client_id, Role.PROCUREMENT)


def test_a_client_is_billed_once_however_many_connections_it_has(client: TestClient, meter: FirestoreMeter) -> None:
    with followed(client) as first:
        assert first.next().name == "hello"
        assert meter.of(client.client_id) == Billed(reads=OPENED)
        with (
            followed(client, token=token_of(client, "ann", Role.VIEWER)) as second,
            followed(client, token=token_of(client, "bob", Role.PROCUREMENT)) as third,
        ):
            assert [second.next().name, third.next().name] == ["hello", "hello"]
            assert meter.of(client.client_id) == Billed(reads=OPENED)
            assert meter.admissions(client.client_id) == 3
            put_order(client, order(1))
            assert {stream.next().name for stream in (first, second, third)} == {"order"}
            assert meter.of(client.client_id) == Billed(reads=OPENED + 1, writes=1)


def test_nothing_is_billed_while_nothing_changes(
    client: TestClient, meter: FirestoreMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "HEARTBEAT_S", 0.01)
    with followed(client) as stream:
        stream.next()
        meter.reset()
        eventually(lambda: stream.comments > 20, "heartbeats")
        assert (meter.of(client.client_id), meter.admissions(client.client_id)) == (Billed(), 0)


def test_an_idle_minute_costs_one_read_however_many_connections_there_are(
    client: TestClient, meter: FirestoreMeter, clock: Clock
) -> None:
    feed = opened(client, clock)
    subscriptions = [feed.subscribe(caller(client)) for _ in range(10)]
    assert meter.of(client.client_id) == Billed(reads=OPENED)
    for minute in range(1, 6):
        for second in range(int(PROBED_AFTER_S)):
            clock.seconds = minute * PROBED_AFTER_S + second
            for _ in subscriptions:
                feed.tend()
            eventually(lambda: feed.is_answered, "the answer")
        assert meter.of(client.client_id) == Billed(reads=OPENED + minute)
    assert feed.take_reads() == OPENED + 5
    assert feed.take_reads() == 0


def test_a_call_that_does_not_answer_is_replaced_and_nothing_is_lost(client: TestClient, clock: Clock) -> None:
    feed = opened(client, clock)
    subscription = feed.subscribe(caller(client))
    unheard: list[Heard] = []
    receive, feed._receive = feed._receive, unheard.append  # type: ignore[method-assign,assignment]
    put_order(client, order(1))
    clock.seconds = PROBED_AFTER_S
    feed.tend()
    eventually(lambda: any(heard.documents for heard in unheard), "the order to be told")
    eventually(lambda: unheard[-1].answered > unheard[0].answered, "the answer")
    assert not feed.is_answered
    feed._receive = receive  # type: ignore[method-assign]
    clock.seconds += feed_module.ANSWERED_WITHIN_S
    feed.tend()
    (change,) = subscription.take(60).changes
    assert change.subject == "order-1"


def test_a_call_that_is_cut_is_made_again_and_nothing_is_lost(client: TestClient, meter: FirestoreMeter) -> None:
    with followed(client) as stream:
        stream.next()
        for number in (1, 2, 3):
            assert meter.cut_listening() > 0
            put_order(client, order(number))
            assert stream.next().data["id"] == f"order-{number}"


def test_streams_end_where_nothing_can_be_heard_any_more(
    client: TestClient, meter: FirestoreMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "GIVEN_UP_AFTER_S", 0.0)
    with followed(client) as stream:
        hello = stream.next()
        meter.is_away = True
        try:
            meter.cut_listening()
            assert stream.rest() == []
            refused = requests.get(
                f"{client.base_url}/events", headers={"Authorization": f"Bearer {client.token()}"}, timeout=60
            )
            assert (refused.status_code, refused.json()["code"]) == (503, "backend_unavailable")
            assert int(refused.headers["Retry-After"]) > 0
        finally:
            meter.is_away = False
    put_order(client, order(1))
    with followed(client, last_event_id=hello.id, max_seconds=0) as again:
        assert [event.name for event in again.rest()] == ["hello", "order", "bye"]


def test_who_has_gone_is_forgotten(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "HEARTBEAT_S", 0.01)
    feeds = service.feeds(config().event_streams)
    with followed(client) as stream, followed(client) as another:
        assert [stream.next().name, another.next().name] == ["hello", "hello"]
        assert feeds.streams_of(client.tenant) == 2
    eventually(lambda: feeds.streams_of(client.tenant) == 0, "the connections to be noticed")
