"""The limit of requests in a process, between processes, and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from shared.config import config
from shared.domain.access.rate_limit import RateLimit
from shared.firestore.driver import database
from shared.firestore.request_counts import add_requests
from shared.http import rate_limit
from shared.http.rate_limit import Limiter
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient, eventually

MINUTE = 29_000_000
EARLY = MINUTE * 60 + 10.0


def _at_once(work: Callable[[], None]) -> None:
    work()


class Counts:
    """The documents of all clients, in memory."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int]] = []
        self.is_away = False

    def add(self, client_id: str, minute: int, count: int) -> int:
        if self.is_away:
            raise TimeoutError
        self.told.append((client_id, minute, count))
        return sum(told for client, of, told in self.told if (client, of) == (client_id, minute))


class Clock:
    def __init__(self) -> None:
        self.now_s = EARLY

    def __call__(self) -> float:
        return self.now_s


def test_instances_add_up_what_they_count() -> None:
    counts, clock = Counts(), Clock()
    first, second = (Limiter(RateLimit(100), counts.add, _at_once, clock) for _ in range(2))
    for _ in range(5):
        assert first.admit("a").admitted
    assert counts.told == []  # a twentieth of the limit is nobody's business
    for _ in range(60):
        assert first.admit("a").admitted
    assert counts.told == [("a", MINUTE, 6)]
    clock.now_s += 5
    assert first.admit("a").remaining == 34
    assert counts.told == [("a", MINUTE, 6), ("a", MINUTE, 60)]
    assert sum(second.admit("a").admitted for _ in range(100)) == 34  # with the 6th it hears of the 66
    refused = second.admit("a")
    assert (refused.admitted, refused.remaining, refused.seconds_left) == (False, 0, 45)
    assert refused.headers == {"RateLimit-Policy": '"client";q=100;w=60', "RateLimit": '"client";r=0;t=45'}
    assert second.admit("b").admitted
    clock.now_s += 45
    assert second.admit("a").remaining == 99


def test_where_counts_cannot_be_shared_all_pass_and_are_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    counts, clock = Counts(), Clock()
    limiter = Limiter(RateLimit(10), counts.add, _at_once, clock)
    counts.is_away = True
    standings = [limiter.admit("a") for _ in range(30)]
    assert all(standing.admitted for standing in standings)
    assert standings[-1].headers["RateLimit"] == '"client";r=0;t=50;unshared'
    clock.now_s += 5
    limiter.admit("a")
    (line,) = capsys.readouterr().out.splitlines()  # twice it failed, within a minute
    warning = {"severity": "WARNING", "message": "rate limits not shared", "kind": "TimeoutError"}
    assert warning.items() <= json.loads(line).items()
    clock.now_s += 60
    limiter.admit("a")
    assert capsys.readouterr().out.count("rate limits not shared") == 1
    counts.is_away = False
    clock.now_s += 5
    assert [limiter.admit("a").admitted for _ in range(20)] == [True] * 9 + [False] * 11
    assert not limiter.admit("a").headers["RateLimit"].endswith("unshared")


def test_requests_at_once_are_counted_one_by_one() -> None:
    limiter = Limiter(RateLimit(100), Counts().add, _at_once, Clock())
    with ThreadPoolExecutor(8) as threads:
        admitted = list(threads.map(lambda _: limiter.admit("a").admitted, range(400)))
    assert sum(admitted) == 100


def test_minutes_of_many_clients_are_not_kept_for_ever() -> None:
    clock = Clock()
    limiter = Limiter(RateLimit(10), Counts().add, _at_once, clock)
    for number in range(1_000):
        limiter.admit(f"client-{number}")
    clock.now_s += 60
    limiter.admit("another")
    assert len(limiter._minutes) == 1


@pytest.fixture
def limited(running: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Limiter]]:
    """Gives the API a limit, in a minute that does not end; the counts are the emulator's."""

    def limit(count: int) -> Limiter:
        monkeypatch.setenv("STOCKCAST_REQUESTS_PER_MINUTE", str(count))
        config.cache_clear()
        limiter = Limiter(RateLimit(count), rate_limit._add, rate_limit._in_a_thread, Clock())
        monkeypatch.setattr(rate_limit, "_limiter", lambda requests: limiter)
        return limiter

    yield limit
    monkeypatch.undo()
    config.cache_clear()


def test_a_client_that_sends_too_many_is_refused_and_nobody_else(
    limited: Callable[[int], Limiter], client: TestClient, new_client: Callable[[], TestClient], meter: FirestoreMeter
) -> None:
    limited(3)
    answers = [client.get("/suppliers") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.headers["RateLimit"] for answer in answers] == [f'"client";r={left};t=50' for left in (2, 1, 0)]
    eventually(lambda: meter.of(client.client_id).writes == 1, "the first request was told")
    before = meter.billed
    refused = client.get("/suppliers")
    problem = assert_problem(refused, 429, "rate_limited")
    assert "may send 3 requests in a minute" in problem["detail"]
    assert refused.headers["Retry-After"] == "50"
    assert refused.headers["RateLimit-Policy"] == '"client";q=3;w=60'
    assert meter.billed == before  # a refusal costs nothing
    assert_problem(client.post("/suppliers", json={}), 429, "rate_limited")
    platform = {"Authorization": f"Bearer {client.token(platform=True)}"}
    assert client.get("/suppliers", headers=platform).status_code == 200
    assert new_client().get("/suppliers").status_code == 200
    assert requests.get(f"{client.base_url}/health", timeout=10).status_code == 200
    assert client.get("/auth/jwks", headers={}).status_code == 200


def test_ordinary_use_costs_nothing_and_busy_use_a_write_in_five_seconds(
    limited: Callable[[int], Limiter], client: TestClient, meter: FirestoreMeter
) -> None:
    client.get("/suppliers")
    without = meter.of(client.client_id)
    limited(200)
    meter.reset()
    client.get("/suppliers")
    assert meter.of(client.client_id) == without
    meter.reset()
    for _ in range(20):
        client.get("/auth/me")
    eventually(lambda: meter.of(client.client_id).writes, "the count was told")
    assert meter.of(client.client_id).writes == 1
    assert add_requests(database(config()), client.client_id, MINUTE, 5) == 11 + 5  # all at the time of the eleventh


def test_while_firestore_does_not_answer_nobody_is_refused_by_the_limit(
    limited: Callable[[int], Limiter], client: TestClient, meter: FirestoreMeter
) -> None:
    limiter = limited(1)
    client.get("/suppliers")
    limiter._share = _unavailable
    limiter._clock.now_s += 60  # type: ignore[attr-defined]
    client.get("/suppliers")
    eventually(lambda: not limiter._shared, "the limiter has heard nothing")
    answer = client.get("/suppliers")
    assert answer.status_code == 200
    assert answer.headers["RateLimit"].endswith(";unshared")


def _unavailable(client_id: str, minute: int, count: int) -> int:
    raise TimeoutError
