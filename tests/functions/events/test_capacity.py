"""Streams under the server of the local stack: they wait in threads of their own, and requests have theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from infra.local.stack.gateway_process import GatewayProcess
from infra.local.stack.process import free_ports
from tests.support.orders import order, put_order
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.streams import followed
from tests.support.tenants import TestClient, eventually

STREAMS = 30  # of one client, half of what the instance holds


@pytest.fixture(scope="module")
def base_url(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    (port,) = free_ports(1)
    env = running.backends.api_env | {
        "FIRESTORE_EMULATOR_HOST": running.meter.address,
        "STOCKCAST_EVENT_STREAMS": str(2 * STREAMS),
    }
    log = tmp_path_factory.mktemp("events") / "gateway.log"
    gateway = GatewayProcess("gateway", log, port, threads=2 * STREAMS + 4, env=env)
    gateway.start()
    yield gateway.base_url
    gateway.stop()


def test_thirty_streams_are_told_while_lists_answer_and_one_more_is_to_poll(
    full_shop: TestClient, new_client: Callable[[], TestClient], base_url: str
) -> None:
    shop, other = (TestClient(base_url, client.client_id) for client in (full_shop, new_client()))
    with ExitStack() as stack:
        streams = [stack.enter_context(followed(shop)) for _ in range(STREAMS)]
        assert [stream.next().name for stream in streams] == ["hello"] * STREAMS
        assert [shop.get("/products").status_code for _ in range(50)] == [200] * 50
        refused = shop.get("/events")
        assert_problem(refused, 429, "too_many_streams")
        assert int(refused.headers["Retry-After"]) > 0
        theirs = stack.enter_context(followed(other))
        assert theirs.next().name == "hello"
        put_order(shop, order(77))
        assert [stream.until("order").data["id"] for stream in streams] == ["order-77"] * STREAMS


def test_a_place_is_free_again_when_its_stream_has_ended(full_shop: TestClient, base_url: str) -> None:
    shop = TestClient(base_url, full_shop.client_id)
    # Those of the test before are free as soon as it is seen that they have gone.
    eventually(lambda: shop.get("/events?max_seconds=0").status_code == 200, "a place")
    for _ in range(2 * STREAMS + 1):
        assert shop.get("/events?max_seconds=0").status_code == 200
