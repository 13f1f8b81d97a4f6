"""Idempotency-Key: the first response again, never two effects."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response

from shared.config import config
from shared.domain.access.principal import Principal, Role
from shared.domain.errors import Conflict, Invalid, Unavailable
from shared.firestore.tenant import Tenant
from shared.http.idempotency import once, request_id
from shared.http.reply import Reply
from shared.request_context import RequestContext
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
_app = Flask("probe")


class Work:
    """Something that must happen once."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.done = 0

    def __call__(self) -> Reply:
        self.done += 1
        return Reply({"number": self.done}, 201, {"Location": f"/things/{self.done}", "X-Other": "not kept"})

    def ask(
        self,
        key: str | None = "key",
        *,
        user_id: str = "user",
        path: str = "/things",
        now: dt.datetime = NOW,
        fingerprint: str = "content",
        act: Callable[[], Reply] | None = None,
    ) -> Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        caller = Principal(user_id, self.tenant.client_id, Role.ADMIN)
        with _app.test_request_context(path, method="POST", headers=headers):
            context = RequestContext(config(), self.tenant, caller, now, request_id=request_id(self.tenant, user_id))
            return once(context, fingerprint, act or self)


@pytest.fixture
def work(client: TestClient) -> Work:
    return Work(client.tenant)


def test_the_same_key_gives_the_first_response_again(work: Work) -> None:
    first, again = work.ask(), work.ask(now=NOW + dt.timedelta(hours=23))
    assert work.done == 1
    assert (again.status_code, again.get_data(), again.content_type) == (201, first.get_data(), "application/json")
    assert again.headers["Location"] == "/things/1"


def test_without_a_key_it_is_done_each_time(work: Work) -> None:
    work.ask(None)
    work.ask(None)
    assert work.done == 2


@pytest.mark.parametrize("other", [{"key": "another"}, {"user_id": "someone else"}, {"path": "/others"}])
def test_keys_belong_to_a_user_and_a_route(work: Work, other: dict[str, Any]) -> None:
    work.ask()
    work.ask(**other)
    assert work.done == 2


def test_keys_belong_to_a_tenant(work: Work, new_client: Callable[[], TestClient]) -> None:
    work.ask()
    elsewhere = Work(new_client().tenant)
    elsewhere.ask()
    assert elsewhere.done == 1


def test_the_key_with_another_request_is_refused(work: Work) -> None:
    work.ask()
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        work.ask(fingerprint="other content")
    assert work.done == 1


def test_while_the_first_runs_the_second_is_refused(work: Work) -> None:
    refused: list[Conflict] = []

    def act() -> Reply:
        with pytest.raises(Conflict, match="request_in_progress") as found:
            work.ask(now=NOW + MINUTE / 2)
        refused.append(found.value)
        return work()

    work.ask(act=act)
    assert len(refused) == work.done == 1


def test_a_request_that_was_killed_can_be_repeated_after_a_minute(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it left is a claim without a response; until it is old, the first one may still be at it."""
    monkeypatch.setattr("google.cloud.firestore.DocumentReference.delete", lambda *_: None)  # too dead to clean up
    with pytest.raises(SystemExit):
        work.ask(act=_die)
    with pytest.raises(Conflict):
        work.ask(now=NOW + MINUTE / 2)
    work.ask(now=NOW + MINUTE)
    assert work.done == 1


def _die() -> Reply:
    raise SystemExit


def test_a_request_that_failed_frees_its_key(work: Work) -> None:
    def fail() -> Reply:
        raise Unavailable("down")

    with pytest.raises(Unavailable):
        work.ask(act=fail)
    assert work.ask().get_json() == {"number": 1}


def test_a_key_is_forgotten_after_a_day(work: Work) -> None:
    work.ask()
    work.ask(now=NOW + dt.timedelta(days=1), fingerprint="other content")
    assert work.done == 2


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_1_to_255_characters(work: Work, key: str) -> None:
    with pytest.raises(Invalid, match="invalid_idempotency_key"):
        work.ask(key)


def test_what_a_request_creates_has_the_same_id_when_it_is_repeated(work: Work) -> None:
    def created(key: str | None, path: str = "/things") -> str | None:
        headers = {} if key is None else {"Idempotency-Key": key}
        with _app.test_request_context(path, method="POST", headers=headers):
            return request_id(work.tenant, "user")

    assert created("key") == created("key")
    assert len({created("key"), created("other"), created("key", "/others")}) == 3
    assert created(None) is None


def test_concurrent_retries_create_one(work: Work) -> None:
    together = threading.Barrier(4)
    statuses: list[int | str] = []

    def ask() -> None:
        together.wait()
        try:
            statuses.append(work.ask().status_code)
        except Conflict as error:
            statuses.append(error.code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert work.done == 1
    assert set(statuses) <= {201, "request_in_progress"}
    assert 201 in statuses


def test_over_http_a_repeated_post_starts_one_operation(client: TestClient) -> None:
    headers = {"Idempotency-Key": "refresh today"}
    answers = [client.post("/inventory/metrics/refresh", json={}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Location"] == f"/api/v1/operations/{answers[0].json()['id']}"
    reused = client.post("/inventory/metrics/refresh", json={"rebuild": True}, headers=headers)
    assert_problem(reused, 422, "idempotency_key_reused")
    too_long = client.post("/inventory/metrics/refresh", json={}, headers={"Idempotency-Key": "x" * 256})
    assert_problem(too_long, 422, "invalid_idempotency_key")
    client.finished(answers[0])
    assert len(client.get("/operations").json()["items"]) == 1
