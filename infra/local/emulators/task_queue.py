"""One Cloud Tasks queue: tasks wait for their time, and are delivered with growing pauses until a 2xx comes back."""

from __future__ import annotations

import datetime as dt
import hashlib
import heapq
import http.client
import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from google.cloud.tasks_v2 import HttpMethod, OidcToken, Task

from infra.local.emulators.oidc import TokenIssuer

# How long a name stays taken after its task is gone (the service promises no figure, only that it may take hours).
_NAME_TAKEN_S = 3600.0
_DEFAULT_DEADLINE_S = 600.0
# How long a task that is done stays in the folder: longer than the stack waits between two saves of the documents.
_DONE_KEPT_S = 600.0
_WAITING, _DONE = ".task", ".done"


@dataclass(frozen=True)
class RetryPolicy:
    """When a task that failed is tried again; the fields and defaults of Cloud Tasks."""

    max_attempts: int = 100  # the first one included; -1 for no limit
    min_backoff_s: float = 0.1
    max_backoff_s: float = 3600.0
    max_doublings: int = 16

    def delay_s(self, retry: int) -> float:
        """The pause before retry number 0, 1, ...: doubles `max_doublings` times, then grows by that last step.

        Source: `maxDoublings` in the Cloud Tasks reference (for 10 s, 300 s and 3: 10, 20, 40, 80, 160, 240, 300, 300).
        """
        doublings = min(retry, self.max_doublings)
        return min(self.min_backoff_s * 2**doublings * (1 + retry - doublings), self.max_backoff_s)


class TaskNameTakenError(Exception):
    """A task of this name exists, or did until recently."""


class TaskQueue:
    """Delivers with as many threads as deliveries may run at a time. With a folder, waiting tasks survive a restart.

    `origin` ("http://127.0.0.1:8081") is where kept tasks are delivered from then on: after a restart the functions may
    listen on another port than when the task was made. `lost_since`: the functions are back at their state of then. The
    tasks that were done since come again, and one whose object is lost (404) is over.
    """

    def __init__(
        self,
        name: str,
        issuer: TokenIssuer,
        policy: RetryPolicy,
        concurrency: int,
        folder: Path | None = None,
        origin: str | None = None,
        lost_since: dt.datetime | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.policy = policy
        self.concurrency = concurrency
        self._issuer = issuer
        self._folder = folder
        self._clock = clock
        self._tasks: dict[str, Task] = {}
        self._taken_until: dict[str, float] = {}
        self._due: list[tuple[float, int, Task]] = []
        self._sequence = itertools.count()
        self._changed = threading.Condition()
        self._done: deque[tuple[float, Path]] = deque()
        kept = self._kept(lost_since)
        self._may_be_lost = frozenset(task.name for task in kept) if lost_since is not None else frozenset()
        for task in kept:
            if origin is not None:
                task.http_request.url = _moved(task.http_request.url, origin)
                task.http_request.oidc_token.audience = _moved(task.http_request.oidc_token.audience, origin)
            self._tasks[task.name] = task
            self._schedule(task, task.schedule_time.timestamp())
        for number in range(concurrency):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def add(self, task: Task) -> None:
        """Take a task for delivery at its schedule_time. Raises TaskNameTakenError."""
        with self._changed:
            now = self._clock()
            self._taken_until = {name: until for name, until in self._taken_until.items() if until > now}
            if task.name in self._tasks or task.name in self._taken_until:
                raise TaskNameTakenError(task.name)
            self._tasks[task.name] = task
            self._keep(task)
            self._schedule(task, task.schedule_time.timestamp())

    def get(self, name: str) -> Task | None:
        with self._changed:
            return self._tasks.get(name)

    def tasks(self) -> list[Task]:
        """All unfinished tasks, by name."""
        with self._changed:
            return sorted(self._tasks.values(), key=lambda task: task.name)

    def remove(self, name: str) -> bool:
        """Remove a task; its name stays taken for a while. Returns whether it existed."""
        with self._changed:
            task = self._tasks.pop(name, None)
            if task is None:
                return False
            self._taken_until[name] = self._clock() + _NAME_TAKEN_S
            if self._folder is not None:
                self._file(self._folder, name).unlink(missing_ok=True)
            return True

    def _finish(self, task: Task) -> None:
        """As `remove`, but its file is kept for a while."""
        with self._changed:
            if self._folder is not None and task.name in self._tasks:
                now, file = self._clock(), self._file(self._folder, task.name)
                done = file.replace(file.with_suffix(_DONE))
                os.utime(done, (now, now))
                self._done.append((now, done))
                while self._done[0][0] < now - _DONE_KEPT_S:
                    self._done.popleft()[1].unlink(missing_ok=True)
            self.remove(task.name)

    def _schedule(self, task: Task, at: float) -> None:
        with self._changed:
            heapq.heappush(self._due, (at, next(self._sequence), task))
            self._changed.notify()

    def _work(self) -> None:
        while True:
            task = self._next()
            status = self._deliver(task)
            is_lost = status == http.HTTPStatus.NOT_FOUND and task.name in self._may_be_lost
            if 200 <= status < 300 or is_lost or task.dispatch_count == self.policy.max_attempts:
                self._finish(task)
                continue
            retry_at = self._clock() + self.policy.delay_s(task.dispatch_count - 1)
            with self._changed:
                task.schedule_time = dt.datetime.fromtimestamp(retry_at, dt.UTC)
                if task.name in self._tasks:
                    self._keep(task)
                    self._schedule(task, retry_at)

    def _next(self) -> Task:
        with self._changed:
            while True:
                now = self._clock()
                while self._due and self._due[0][0] <= now:
                    _, _, task = heapq.heappop(self._due)
                    if self._tasks.get(task.name) is task:
                        return task
                self._changed.wait(self._due[0][0] - now if self._due else None)

    def _deliver(self, task: Task) -> int:
        """Send the request; the status of the answer, 0 for none."""
        request = task.http_request
        retry = task.dispatch_count
        task.dispatch_count += 1
        headers = {
            **request.headers,
            "User-Agent": "Google-Cloud-Tasks",
            "X-CloudTasks-QueueName": self.name.rpartition("/")[2],
            "X-CloudTasks-TaskName": task.name.rpartition("/")[2],
            "X-CloudTasks-TaskRetryCount": str(retry),
            "X-CloudTasks-TaskExecutionCount": str(task.response_count),
            "X-CloudTasks-TaskETA": f"{task.schedule_time.timestamp():.6f}",
        }
        if request.oidc_token.service_account_email:
            headers["Authorization"] = f"Bearer {self._token(request.oidc_token, request.url)}"
        url = urlsplit(request.url)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(str(url.hostname), url.port, timeout=_seconds(task.dispatch_deadline) or _DEFAULT_DEADLINE_S)
        try:
            path = url._replace(scheme="", netloc="", fragment="").geturl() or "/"
            connection.request(HttpMethod(request.http_method).name, path, request.body or None, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            print(f"{task.name}: {type(error).__name__}: {error}", flush=True)
            return 0
        finally:
            connection.close()
        task.response_count += 1
        if status >= 300:
            print(f"{task.name}: attempt {task.dispatch_count} was answered with {status}", flush=True)
        return status

    def _token(self, wanted: OidcToken, url: str) -> str:
        return self._issuer.token(wanted.service_account_email, wanted.audience or url)

    def _keep(self, task: Task) -> None:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            new = self._file(self._folder, task.name).with_suffix(".new")
            new.write_bytes(Task.serialize(task))
            new.replace(new.with_suffix(_WAITING))

    def _kept(self, lost_since: dt.datetime | None) -> list[Task]:
        if self._folder is None or not self._folder.exists():
            return []
        for done in self._folder.glob(f"*{_DONE}"):
            if lost_since is not None and done.stat().st_mtime >= lost_since.timestamp():
                done.replace(done.with_suffix(_WAITING))
            else:
                done.unlink()
        return [Task.deserialize(file.read_bytes()) for file in sorted(self._folder.glob(f"*{_WAITING}"))]

    @staticmethod
    def _file(folder: Path, name: str) -> Path:
        return folder / f"{hashlib.sha256(name.encode()).hexdigest()}{_WAITING}"


def _moved(url: str, origin: str) -> str:
    target = urlsplit(origin)
    return urlsplit(url)._replace(scheme=target.scheme, netloc=target.netloc).geturl() if url else url


def _seconds(duration: dt.timedelta | None) -> float:
    return 0.0 if duration is None else duration.total_seconds()
