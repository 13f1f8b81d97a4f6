from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from google.cloud.tasks_v2 import HttpMethod, HttpRequest, OidcToken, Task
from hypothesis import given
from hypothesis import strategies as st

from infra.local.emulators.oidc import TokenIssuer
from infra.local.emulators.task_queue import RetryPolicy, TaskNameTakenError, TaskQueue
from infra.local.stack.process import until
from tests.support.receiver import Receiver

QUEUE = "projects/p/locations/l/queues/q"
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def a_task(url: str, due: dt.datetime = EPOCH, name: str = "one") -> Task:
    request = HttpRequest(
        url=url,
        http_method=HttpMethod.POST,
        body=b"{}",
        oidc_token=OidcToken(service_account_email="tasks@p.iam.gserviceaccount.com", audience=url),
    )
    return Task(name=f"{QUEUE}/tasks/{name}", http_request=request, schedule_time=due)


def test_pauses_are_those_of_the_reference() -> None:
    policy = RetryPolicy(min_backoff_s=10, max_backoff_s=300, max_doublings=3)
    assert [policy.delay_s(retry) for retry in range(8)] == [10, 20, 40, 80, 160, 240, 300, 300]


@given(st.floats(0.001, 100), st.floats(0.001, 10_000), st.integers(0, 20), st.integers(0, 200))
def test_a_pause_never_gets_shorter_nor_longer_than_the_longest(
    shortest: float, longest: float, doublings: int, retry: int
) -> None:
    policy = RetryPolicy(min_backoff_s=shortest, max_backoff_s=longest, max_doublings=doublings)
    assert policy.delay_s(retry) <= policy.delay_s(retry + 1) <= longest


def test_a_name_is_free_again_after_an_hour() -> None:
    now = [1000.0]
    queue = TaskQueue(QUEUE, TokenIssuer("https://issuer"), RetryPolicy(), 1, clock=lambda: now[0])
    later = dt.datetime.fromtimestamp(5000, dt.UTC)
    queue.add(a_task("http://127.0.0.1:9/", later))
    assert queue.remove(f"{QUEUE}/tasks/one")
    now[0] += 3599
    with pytest.raises(TaskNameTakenError):
        queue.add(a_task("http://127.0.0.1:9/", later))
    now[0] += 2
    queue.add(a_task("http://127.0.0.1:9/", later))
    assert [task.name for task in queue.tasks()] == [f"{QUEUE}/tasks/one"]


def test_a_waiting_task_survives_a_restart_and_follows_the_functions_to_their_new_port(
    tmp_path: Path, receiver: Receiver
) -> None:
    def queue(now: float, origin: str) -> TaskQueue:
        return TaskQueue(QUEUE, TokenIssuer("https://issuer"), RetryPolicy(), 1, tmp_path, origin, clock=lambda: now)

    before = queue(1000.0, "http://127.0.0.1:9")
    before.add(a_task("http://127.0.0.1:9/work", dt.datetime.fromtimestamp(2000, dt.UTC)))
    after = queue(3000.0, receiver.url("").rstrip("/"))
    assert until(lambda: not after.tasks(), 5)
    (request,) = receiver.received
    assert request.path == "/work"
    assert not list(tmp_path.glob("*.task"))


def moment(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)


@pytest.mark.parametrize(("lost_since", "again"), [(2050.0, ["/since"]), (None, [])])
def test_what_was_done_since_the_functions_lost_their_state_comes_again(
    tmp_path: Path, receiver: Receiver, lost_since: float | None, again: list[str]
) -> None:
    now = [0.0]
    issuer, policy = TokenIssuer("https://issuer"), RetryPolicy()
    before = TaskQueue(QUEUE, issuer, policy, 1, tmp_path, clock=lambda: now[0])
    for now[0], path in ((1000.0, "/long-ago"), (2000.0, "/before"), (2100.0, "/since")):
        before.add(a_task(receiver.url(path), name=path[1:]))
        assert until(lambda: not before.tasks(), 5)
    receiver.received.clear()
    after = TaskQueue(QUEUE, issuer, policy, 1, tmp_path, None, moment(lost_since), clock=lambda: 2110.0)
    assert until(lambda: not after.tasks(), 5)
    assert [request.path for request in receiver.received] == again
    assert len(list(tmp_path.iterdir())) == len(again)


@pytest.mark.parametrize(("lost_since", "left"), [(900.0, 0), (None, 1)])
def test_a_task_whose_object_is_lost_is_over(
    tmp_path: Path, receiver: Receiver, lost_since: float | None, left: int
) -> None:
    receiver.answer = lambda request: 404
    issuer, policy = TokenIssuer("https://issuer"), RetryPolicy(min_backoff_s=3600)
    before = TaskQueue(QUEUE, issuer, policy, 1, tmp_path, clock=lambda: 1000.0)
    before.add(a_task(receiver.url("/work"), dt.datetime.fromtimestamp(2000, dt.UTC)))
    after = TaskQueue(QUEUE, issuer, policy, 1, tmp_path, None, moment(lost_since), clock=lambda: 3000.0)
    assert until(lambda: bool(receiver.received) and len(after.tasks()) == left, 5)
