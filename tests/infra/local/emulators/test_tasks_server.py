from __future__ import annotations

import datetime as dt
import itertools
import json
import threading
from typing import Any

import jwt
import pytest
from google.api_core.exceptions import AlreadyExists, InvalidArgument, NotFound
from google.cloud import tasks_v2

from infra.local.stack.process import until
from shared.config import Config
from shared.domain.errors import Forbidden, Unauthenticated
from shared.http.oidc import verify_task_token
from shared.tasks.queue_client import tasks_client
from tests.support.receiver import Received, Receiver

_numbers = itertools.count()


@pytest.fixture
def client(cloud_config: Config) -> tasks_v2.CloudTasksClient:
    return tasks_client(cloud_config)


@pytest.fixture
def queue(client: tasks_v2.CloudTasksClient, cloud_config: Config) -> str:
    return a_queue(client, cloud_config)


def a_queue(
    client: tasks_v2.CloudTasksClient,
    config: Config,
    max_attempts: int = 5,
    concurrency: int = 2,
    backoff_s: float = 0.05,
) -> str:
    parent = f"projects/{config.project_id}/locations/{config.region}"
    made = client.create_queue(
        parent=parent,
        queue=tasks_v2.Queue(
            name=f"{parent}/queues/q{next(_numbers)}",
            rate_limits=tasks_v2.RateLimits(max_concurrent_dispatches=concurrency),
            retry_config=tasks_v2.RetryConfig(
                max_attempts=max_attempts,
                min_backoff=dt.timedelta(seconds=backoff_s),
                max_backoff=dt.timedelta(seconds=backoff_s * 2),
                max_doublings=1,
            ),
        ),
    )
    return made.name


def a_task(url: str, name: str = "", in_s: float = 0, **options: Any) -> tasks_v2.Task:
    if in_s:
        options["schedule_time"] = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=in_s)
    request = tasks_v2.HttpRequest(url=url, body=b'{"a": 1}', headers={"Content-Type": "application/json"})
    return tasks_v2.Task(name=name, http_request=request, **options)


def gone(client: tasks_v2.CloudTasksClient, name: str) -> bool:
    try:
        client.get_task(name=name)
    except NotFound:
        return True
    return False


def test_delivers_body_headers_and_query(client: tasks_v2.CloudTasksClient, queue: str, receiver: Receiver) -> None:
    made = client.create_task(parent=queue, task=a_task(receiver.url("/work?x=1&y=%2F"), f"{queue}/tasks/import-1"))
    assert made.http_request.body == b""  # the service shows no body unless asked
    assert until(lambda: gone(client, made.name), 5)
    (request,) = receiver.received
    assert request.path == "/work?x=1&y=%2F"
    assert json.loads(request.body) == {"a": 1}
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["X-CloudTasks-QueueName"] == queue.rpartition("/")[2]
    assert request.headers["X-CloudTasks-TaskName"] == "import-1"
    assert request.headers["X-CloudTasks-TaskRetryCount"] == "0"
    assert request.headers["X-CloudTasks-TaskExecutionCount"] == "0"
    assert "Authorization" not in request.headers


def test_a_name_is_taken_while_the_task_waits_and_after_it_is_done(
    client: tasks_v2.CloudTasksClient, queue: str, receiver: Receiver
) -> None:
    task = a_task(receiver.url(), f"{queue}/tasks/once", in_s=0.3)
    client.create_task(parent=queue, task=task)
    with pytest.raises(AlreadyExists):
        client.create_task(parent=queue, task=task)
    assert until(lambda: gone(client, task.name), 5)
    with pytest.raises(AlreadyExists):
        client.create_task(parent=queue, task=task)
    assert len(receiver.received) == 1


def test_tasks_without_a_name_are_all_delivered(
    client: tasks_v2.CloudTasksClient, queue: str, receiver: Receiver
) -> None:
    names = {client.create_task(parent=queue, task=a_task(receiver.url())).name for _ in range(5)}
    assert len(names) == 5
    assert until(lambda: len(receiver.received) == 5, 5)


def test_a_refused_task_comes_again_after_growing_pauses(
    client: tasks_v2.CloudTasksClient, queue: str, receiver: Receiver
) -> None:
    answers = iter((500, 503, 409, 200))
    receiver.answer = lambda request: next(answers)
    made = client.create_task(parent=queue, task=a_task(receiver.url()))
    assert until(lambda: gone(client, made.name), 5)
    headers = [one.headers for one in receiver.received]
    assert [one["X-CloudTasks-TaskRetryCount"] for one in headers] == ["0", "1", "2", "3"]
    assert [one["X-CloudTasks-TaskExecutionCount"] for one in headers] == ["0", "1", "2", "3"]
    pauses = [later.at - earlier.at for earlier, later in itertools.pairwise(receiver.received)]
    assert [pause >= least for pause, least in zip(pauses, (0.05, 0.1, 0.1), strict=True)] == [True] * 3


def test_a_task_is_given_up_after_the_last_attempt(
    client: tasks_v2.CloudTasksClient, cloud_config: Config, receiver: Receiver
) -> None:
    receiver.answer = lambda request: 500
    queue = a_queue(client, cloud_config, max_attempts=2)
    made = client.create_task(parent=queue, task=a_task(receiver.url()))
    assert until(lambda: gone(client, made.name), 5)
    assert len(receiver.received) == 2


def test_a_target_that_is_down_counts_as_refusal(
    client: tasks_v2.CloudTasksClient, cloud_config: Config, receiver: Receiver
) -> None:
    queue = a_queue(client, cloud_config, max_attempts=3)
    made = client.create_task(parent=queue, task=a_task("http://127.0.0.1:9/"))
    assert until(lambda: gone(client, made.name), 5)


def test_waits_for_its_time_and_can_be_deleted_before(
    client: tasks_v2.CloudTasksClient, queue: str, receiver: Receiver
) -> None:
    later = client.create_task(parent=queue, task=a_task(receiver.url("/later"), in_s=0.3))
    never = client.create_task(parent=queue, task=a_task(receiver.url("/never"), in_s=0.3))
    assert {task.name for task in client.list_tasks(parent=queue)} == {later.name, never.name}
    full = client.get_task(request={"name": later.name, "response_view": tasks_v2.Task.View.FULL})
    assert full.http_request.body == b'{"a": 1}'
    client.delete_task(name=never.name)
    assert until(lambda: gone(client, later.name), 5)
    (request,) = receiver.received
    assert request.path == "/later"
    assert request.at >= later.schedule_time.timestamp()


def test_no_more_deliveries_at_a_time_than_the_queue_allows(
    client: tasks_v2.CloudTasksClient, cloud_config: Config, receiver: Receiver
) -> None:
    running, most, lock = 0, 0, threading.Lock()
    meeting = threading.Barrier(2)  # two at a time are reached, or the barrier breaks

    def answer(request: Received) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        meeting.wait(timeout=5)
        with lock:
            running -= 1
        return 200

    receiver.answer = answer
    queue = a_queue(client, cloud_config, concurrency=2)
    for _ in range(6):
        client.create_task(parent=queue, task=a_task(receiver.url()))
    assert until(lambda: len(list(client.list_tasks(parent=queue))) == 0, 10)
    assert most == 2


def test_the_token_is_what_functions_accept(
    client: tasks_v2.CloudTasksClient, queue: str, cloud_config: Config, receiver: Receiver
) -> None:
    task = a_task(receiver.url())
    task.http_request.oidc_token = tasks_v2.OidcToken(
        service_account_email=cloud_config.task_service_account, audience="https://etl.example"
    )
    client.create_task(parent=queue, task=task)
    assert until(lambda: bool(receiver.received), 5)
    scheme, _, token = receiver.received[0].headers["Authorization"].partition(" ")
    assert scheme == "Bearer"
    verify_task_token(cloud_config, token, audience="https://etl.example")
    with pytest.raises(Unauthenticated):
        verify_task_token(cloud_config, token, audience="https://other.example")
    with pytest.raises(Unauthenticated):
        verify_task_token(cloud_config, token[:-8] + "AAAAAAAA", audience="https://etl.example")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert {"iss", "aud", "sub", "email", "email_verified", "iat", "exp"} <= claims.keys()
    assert claims["exp"] - claims["iat"] == 3600


def test_another_account_is_not_the_task_account(
    client: tasks_v2.CloudTasksClient, queue: str, cloud_config: Config, receiver: Receiver
) -> None:
    task = a_task(receiver.url("/x"))
    task.http_request.oidc_token = tasks_v2.OidcToken(service_account_email="someone@else.example")
    client.create_task(parent=queue, task=task)
    assert until(lambda: bool(receiver.received), 5)
    token = receiver.received[0].headers["Authorization"].removeprefix("Bearer ")
    with pytest.raises(Forbidden):
        verify_task_token(cloud_config, token, audience=receiver.url("/x"))  # the URL, where no audience is named


@pytest.mark.parametrize(
    ("task", "named"),
    [
        (a_task("ftp://127.0.0.1/"), "ftp://127.0.0.1/"),
        (a_task("http://127.0.0.1:x/"), "http://127.0.0.1:x/"),
        (a_task("http://127.0.0.1/", "projects/p/locations/l/queues/other/tasks/x"), "queues/other"),
        (a_task("http://127.0.0.1/", dispatch_deadline=dt.timedelta(seconds=14)), "dispatch_deadline"),
        (a_task("http://127.0.0.1/", dispatch_deadline=dt.timedelta(minutes=31)), "dispatch_deadline"),
        (a_task("http://127.0.0.1/", in_s=31 * 86_400), "schedule_time"),
        (tasks_v2.Task(http_request={"url": "http://127.0.0.1/", "body": b"x" * 102_401}), "100 KiB"),
    ],
)
def test_refuses_what_the_service_refuses(
    client: tasks_v2.CloudTasksClient, queue: str, task: tasks_v2.Task, named: str
) -> None:
    with pytest.raises(InvalidArgument, match=named):
        client.create_task(parent=queue, task=task)


def test_unknown_queue_and_existing_queue(client: tasks_v2.CloudTasksClient, queue: str) -> None:
    with pytest.raises(NotFound):
        client.create_task(parent=f"{queue}-not", task=a_task("http://127.0.0.1/"))
    described = client.get_queue(name=queue)
    assert described.retry_config.max_attempts == 5
    with pytest.raises(AlreadyExists):
        client.create_queue(parent=queue.partition("/queues/")[0], queue=described)
