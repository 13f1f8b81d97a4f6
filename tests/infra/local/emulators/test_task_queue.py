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


def a_task(url: str, due: dt.datetime = EPOCH) -> Task:
    request = HttpRequest(
        url=url,
        http_method=HttpMethod.POST,
        body=b"{}",
        oidc_token=OidcToken(service_account_email="tasks@p.iam.gserviceaccount.com", audience=url),
    )
    return Task(name=f"{QUEUE}/tasks/one", http_request=request, schedule_time=due)


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
        return TaskQueue(QUEUE, TokenIssuer("https://issuer"), RetryPolicy(), 1, tmp_path, origin, lambda: now)

    before = queue(1000.0, "http://127.0.0.1:9")
    before.add(a_task("http://127.0.0.1:9/work", dt.datetime.fromtimestamp(2000, dt.UTC)))
    after = queue(3000.0, receiver.url("").rstrip("/"))
    assert until(lambda: not after.tasks(), 5)
    (request,) = receiver.received
    assert request.path == "/work"
    assert not list(tmp_path.glob("*.task"))
