"""The part of `google.cloud.tasks.v2.CloudTasks` that this system uses, with the limits of the service."""

from __future__ import annotations

import datetime as dt
import re
import threading
import uuid
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import grpc
from google.cloud import tasks_v2
from google.protobuf import empty_pb2

from infra.local.emulators.grpc_service import Refused, service
from infra.local.emulators.oidc import TokenIssuer
from infra.local.emulators.task_queue import RetryPolicy, TaskNameTakenError, TaskQueue

_TASK_NAME = re.compile(r"(?P<queue>projects/[^/]+/locations/[^/]+/queues/[^/]+)/tasks/[A-Za-z0-9_-]{1,500}")
_LARGEST_TASK_BYTES = 100 * 1024
_LONGEST_WAIT = dt.timedelta(days=30)
_DEADLINES = (dt.timedelta(seconds=15), dt.timedelta(minutes=30))


class CloudTasks:
    """All queues of this process. With a folder, waiting tasks survive a restart and then go to `origin`, and with
    `lost_since` those that were done since then come again."""

    def __init__(
        self,
        issuer: TokenIssuer,
        folder: Path | None = None,
        origin: str | None = None,
        lost_since: dt.datetime | None = None,
    ) -> None:
        self._issuer = issuer
        self._folder = folder
        self._origin = origin
        self._lost_since = lost_since
        self._queues: dict[str, TaskQueue] = {}
        self._lock = threading.Lock()

    def handler(self) -> grpc.GenericRpcHandler:
        return service(
            "google.cloud.tasks.v2.CloudTasks",
            {
                "CreateQueue": (tasks_v2.CreateQueueRequest, self._create_queue),
                "GetQueue": (tasks_v2.GetQueueRequest, lambda request: _described(self._queue(request.name))),
                "CreateTask": (tasks_v2.CreateTaskRequest, self._create_task),
                "GetTask": (tasks_v2.GetTaskRequest, self._get_task),
                "ListTasks": (tasks_v2.ListTasksRequest, self._list_tasks),
                "DeleteTask": (tasks_v2.DeleteTaskRequest, self._delete_task),
            },
        )

    def add_queue(self, name: str, policy: RetryPolicy, concurrency: int) -> TaskQueue:
        """Make a queue, with the tasks that it had when it was last stopped. Raises Refused when there is one."""
        folder = None if self._folder is None else self._folder / sha256(name.encode()).hexdigest()[:16]
        with self._lock:
            if name in self._queues:
                raise Refused(grpc.StatusCode.ALREADY_EXISTS, f"queue {name} exists")
            queue = TaskQueue(name, self._issuer, policy, concurrency, folder, self._origin, self._lost_since)
            self._queues[name] = queue
        return queue

    def _create_queue(self, request: tasks_v2.CreateQueueRequest) -> tasks_v2.Queue:
        asked, defaults = request.queue.retry_config, RetryPolicy()
        policy = RetryPolicy(
            max_attempts=asked.max_attempts or defaults.max_attempts,
            min_backoff_s=_seconds(asked.min_backoff) or defaults.min_backoff_s,
            max_backoff_s=_seconds(asked.max_backoff) or defaults.max_backoff_s,
            max_doublings=asked.max_doublings or defaults.max_doublings,
        )
        concurrency = request.queue.rate_limits.max_concurrent_dispatches or 8
        return _described(self.add_queue(request.queue.name, policy, concurrency))

    def _create_task(self, request: tasks_v2.CreateTaskRequest) -> tasks_v2.Task:
        queue, now = self._queue(request.parent), dt.datetime.now(dt.UTC)
        task = tasks_v2.Task(request.task)
        task.name = task.name or f"{queue.name}/tasks/{uuid.uuid4().int % 10**19}"
        task.create_time = now
        task.schedule_time = task.schedule_time or now
        if not task.http_request.http_method:
            task.http_request.http_method = tasks_v2.HttpMethod(tasks_v2.HttpMethod.POST)
        _require(_valid(queue.name, task, now))
        try:
            queue.add(task)
        except TaskNameTakenError:
            raise Refused(
                grpc.StatusCode.ALREADY_EXISTS, f"a task named {task.name} exists or was finished recently"
            ) from None
        return _basic(task)

    def _get_task(self, request: tasks_v2.GetTaskRequest) -> tasks_v2.Task:
        task = self._queue_of(request.name).get(request.name)
        if task is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"no task {request.name}")
        return task if request.response_view is tasks_v2.Task.View.FULL else _basic(task)

    def _list_tasks(self, request: tasks_v2.ListTasksRequest) -> tasks_v2.ListTasksResponse:
        return tasks_v2.ListTasksResponse(tasks=[_basic(task) for task in self._queue(request.parent).tasks()])

    def _delete_task(self, request: tasks_v2.DeleteTaskRequest) -> empty_pb2.Empty:
        if not self._queue_of(request.name).remove(request.name):
            raise Refused(grpc.StatusCode.NOT_FOUND, f"no task {request.name}")
        return empty_pb2.Empty()

    def _queue_of(self, task_name: str) -> TaskQueue:
        return self._queue(task_name.partition("/tasks/")[0])

    def _queue(self, name: str) -> TaskQueue:
        queue = self._queues.get(name)
        if queue is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"no queue {name}")
        return queue


def _valid(queue: str, task: tasks_v2.Task, now: dt.datetime) -> str | None:
    """What the service would not accept about this task."""
    named = _TASK_NAME.fullmatch(task.name)
    deadline = task.dispatch_deadline
    checks: tuple[tuple[bool, Callable[[], str]], ...] = (
        (named is None or named["queue"] != queue, lambda: f"{task.name!r} is no task name of queue {queue}"),
        (not _is_http(task.http_request.url), lambda: f"http_request.url {task.http_request.url!r} is no HTTP URL"),
        (len(task.http_request.body) > _LARGEST_TASK_BYTES, lambda: "a task may have 100 KiB"),
        (task.schedule_time > now + _LONGEST_WAIT, lambda: "schedule_time is more than 30 days ahead"),
        (
            bool(deadline) and not _DEADLINES[0] <= deadline <= _DEADLINES[1],
            lambda: "dispatch_deadline must be between 15 s and 30 min",
        ),
    )
    return next((say() for wrong, say in checks if wrong), None)


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _require(problem: str | None) -> None:
    if problem is not None:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, problem)


def _basic(task: tasks_v2.Task) -> tasks_v2.Task:
    """The task without its body, as the service shows it by default."""
    shown = tasks_v2.Task(task)
    shown.http_request.body = b""
    return shown


def _described(queue: TaskQueue) -> tasks_v2.Queue:
    return tasks_v2.Queue(
        name=queue.name,
        state=tasks_v2.Queue.State.RUNNING,
        rate_limits=tasks_v2.RateLimits(max_concurrent_dispatches=queue.concurrency),
        retry_config=tasks_v2.RetryConfig(
            max_attempts=queue.policy.max_attempts,
            min_backoff=dt.timedelta(seconds=queue.policy.min_backoff_s),
            max_backoff=dt.timedelta(seconds=queue.policy.max_backoff_s),
            max_doublings=queue.policy.max_doublings,
        ),
    )


def _seconds(duration: dt.timedelta | None) -> float:
    return 0.0 if duration is None else duration.total_seconds()
