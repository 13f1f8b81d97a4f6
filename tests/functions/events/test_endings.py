"""A stream ends when its caller's access does, and says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from functions.events import service
from shared.domain.access.principal import PLATFORM_HOME, Role
from shared.firestore.transaction import transact
from shared.firestore.users import Users
from shared.http.access import clock
from tests.functions.events.test_events import token_of
from tests.support.orders import order, put_order
from tests.support.streams import FollowedStream, followed
from tests.support.tenants import TestClient
from tests.support.users import SignedUp, sign_up


def last_of(stream: FollowedStream) -> tuple[str, object]:
    *_, last = stream.rest()
    return last.name, last.data


def test_a_stream_ends_with_its_token(client: TestClient) -> None:
    with followed(client, token=token_of(client, "ann", Role.VIEWER, dt.timedelta(seconds=2))) as stream:
        assert [(event.name, event.data) for event in stream.rest()] == [
            ("hello", {"catalog_version": None}),
            ("bye", {"reason": "token_expires"}),
        ]


def test_a_stream_ends_before_cloud_run_ends_it(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert service.LONGEST_S < 3600
    monkeypatch.setattr(service, "LONGEST_S", 1)
    with followed(client) as stream:
        assert last_of(stream) == ("bye", {"reason": "limit"})


def test_who_wants_it_shorter_says_so(client: TestClient) -> None:
    put_order(client, order(1))
    with followed(client, max_seconds=1) as stream:
        assert last_of(stream) == ("bye", {"reason": "limit"})
    assert client.get("/events?max_seconds=-1").status_code == 422
    assert client.get("/events?max_seconds=3301").status_code == 422


@pytest.mark.parametrize("change", [{"status": "inactive"}, {"role": "VIEWER"}])
def test_a_stream_ends_with_the_session(
    client: TestClient, new_user: Callable[..., SignedUp], change: dict[str, str]
) -> None:
    sign_up(client, role=Role.ADMIN)
    user, other = sign_up(client, role=Role.PROCUREMENT), sign_up(client, role=Role.PROCUREMENT)
    tokens = [each.sign_in().json()["access_token"] for each in (user, other)]
    with followed(client, token=tokens[0]) as ended, followed(client, token=tokens[1]) as kept:
        assert [ended.next().name, kept.next().name] == ["hello", "hello"]
        changed = client.call("PUT", f"/auth/users/{user.user.user_id}", json=change)
        assert changed.status_code == 200, changed.text
        assert last_of(ended) == ("bye", {"reason": "session_ended"})
        put_order(client, order(1))
        assert kept.next().name == "order"


def test_a_stream_ends_when_its_user_signs_out(client: TestClient) -> None:
    user = sign_up(client, role=Role.VIEWER)
    here, elsewhere = user.sign_in().json(), user.sign_in().json()
    with (
        followed(client, token=here["access_token"]) as ended,
        followed(client, token=elsewhere["access_token"]) as kept,
    ):
        assert [ended.next().name, kept.next().name] == ["hello", "hello"]
        assert user.sign_out(here["refresh_token"]).status_code == 204
        assert last_of(ended) == ("bye", {"reason": "session_ended"})
        put_order(client, order(1))
        assert kept.next().name == "order"


def test_streams_of_a_suspended_client_end_but_not_those_of_the_platform(client: TestClient) -> None:
    platform = client.token(platform=True)
    with followed(client) as theirs, followed(client, token=platform) as ours:
        assert [theirs.next().name, ours.next().name] == ["hello", "hello"]
        headers = {"Authorization": f"Bearer {platform}"}
        suspended = client.call("PUT", f"/clients/{client.client_id}", json={"status": "suspended"}, headers=headers)
        assert suspended.status_code == 200, suspended.text
        assert last_of(theirs) == ("bye", {"reason": "session_ended"})
        put_order(client, order(1))
        assert ours.next().name == "order"


def test_a_stream_of_one_who_ran_stockcast_ends_wherever_it_looks(client: TestClient) -> None:
    gone = sign_up(client, role=Role.ADMIN, client_id=PLATFORM_HOME, platform=True)
    token = gone.sign_in().json()["access_token"]
    with followed(client, token=token, client_id=client.client_id) as stream:
        assert stream.next().name == "hello"
        put_order(client, order(1))
        assert stream.next().name == "order"
        database = client.tenant.database
        transact(database, lambda transaction: Users(database).delete(transaction, gone.user, clock()))
        assert last_of(stream) == ("bye", {"reason": "session_ended"})


def test_a_stream_of_a_machine_ends_with_its_key(client: TestClient) -> None:
    keys = [client.post("/auth/service-tokens", json={"name": name}).json() for name in ("one", "two")]
    with followed(client, token=keys[0]["token"]) as ended, followed(client, token=keys[1]["token"]) as kept:
        assert [ended.next().name, kept.next().name] == ["hello", "hello"]
        assert client.call("DELETE", f"/auth/service-tokens/{keys[0]['id']}").status_code == 204
        assert last_of(ended) == ("bye", {"reason": "session_ended"})
        put_order(client, order(1))
        assert kept.next().name == "order"
