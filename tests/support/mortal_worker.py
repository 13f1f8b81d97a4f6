"""A worker in a process of its own that dies, by SIGKILL, right before a write of its choice.

    with MortalWorker() as worker:
        worker.run("import", client_id, operation_id, dies_at=3)

Writes are commits to Firestore, tasks for Cloud Tasks, and what is not a GET to BigQuery or Cloud Storage. The process
that the worker is forked from has imported everything and opened nothing, so a death costs milliseconds.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from infra.local.stack.process import PROJECT

_FAILED = 70


@dataclass(frozen=True)
class Fate:
    """How a worker ended: killed by itself, or after so many writes with this status or error."""

    killed: bool
    writes: int
    said: str


class MortalWorker:
    """The process that workers are forked from."""

    def __enter__(self) -> Self:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.support.mortal_worker"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._parent.kill()
        self._parent.communicate()

    def run(
        self,
        work: str,
        client_id: str,
        operation_id: str,
        *,
        dies_at: int | None = None,
        later: dt.timedelta = dt.timedelta(),
    ) -> Fate:
        """Work on an operation; `later` is by how much its clock is fast: past the lease of one that died."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        order = {
            "work": work,
            "client_id": client_id,
            "operation_id": operation_id,
            "dies_at": dies_at,
            "later_s": later.total_seconds(),
        }
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        for line in self._parent.stdout:
            if line.startswith("fate "):
                return Fate(**json.loads(line.removeprefix("fate ")))
        raise AssertionError("the parent of the workers has died")


def _import() -> Callable[..., Any]:
    from functions.etl.import_worker import work_on_import

    return work_on_import


def _sync() -> Callable[..., Any]:
    from functions.etl.sync_worker import work_on_sync

    return work_on_sync


def _validate() -> Callable[..., Any]:
    from functions.etl.validation_worker import work_on_validation

    return work_on_validation


def _refresh() -> Callable[..., Any]:
    import functions.inventory.refresh  # noqa: F401 - so that no life has to
    from functions.inventory.service import run_refresh

    return run_refresh


def _advance() -> Callable[..., Any]:
    from functions.etl.chain import advance

    return advance


def _batch() -> Callable[..., Any]:
    """A task of the forecast job: of the batch that the order names, whichever its client."""
    from forecast_job.__main__ import main

    return lambda _config, _tenant, batch_id, _clock: main(["--batch", batch_id], {})


# Each is imported before its first life, and not by those who do without.
_WORKS = {
    "import": _import,
    "sync": _sync,
    "validate": _validate,
    "refresh": _refresh,
    "advance": _advance,
    "batch": _batch,
}


def _serve() -> None:
    works: dict[str, Callable[..., Any]] = {}
    for name in ("google.cloud.firestore", "google.cloud.bigquery", "google.cloud.storage", "google.cloud.tasks_v2"):
        __import__(name)
    __import__("shared.imports.run_kinds")

    for line in sys.stdin:
        order = json.loads(line)
        if order["work"] not in works:
            works[order["work"]] = _WORKS[order["work"]]()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _live(works[order["work"]], order, writing)
        os.close(writing)
        with os.fdopen(reading) as told:
            lines = told.read().splitlines()
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        said = next((line.removeprefix("said ") for line in lines if line.startswith("said ")), "")
        writes = sum(line == "write" for line in lines)
        print("fate " + json.dumps({"killed": killed, "writes": writes, "said": said}), flush=True)


def _live(work: Callable[..., Any], order: dict[str, Any], writing: int) -> None:
    from shared.config import config
    from shared.firestore.driver import database
    from shared.firestore.tenant import Tenant

    writes = 0

    def tell(line: str) -> None:
        os.write(writing, f"{line}\n".encode())

    def before_a_write() -> None:
        nonlocal writes
        writes += 1
        if writes == order["dies_at"]:
            os.kill(os.getpid(), signal.SIGKILL)
        tell("write")

    _watch_writes(before_a_write)
    shift = dt.timedelta(seconds=order["later_s"])
    try:
        tenant = Tenant(database(config()), order["client_id"])
        tell(f"said {work(config(), tenant, order['operation_id'], lambda: dt.datetime.now(dt.UTC) + shift)}")
    except Exception as error:  # noqa: BLE001 - it is told to the test
        tell(f"said {type(error).__name__}: {' '.join(str(error).split())}")
        os._exit(_FAILED)
    os._exit(0)


def _watch_writes(before_a_write: Callable[[], None]) -> None:
    import requests
    from google.cloud.firestore_v1.services.firestore import FirestoreClient
    from google.cloud.tasks_v2 import CloudTasksClient

    for kind, name in (
        (FirestoreClient, "commit"),
        (FirestoreClient, "batch_write"),
        (CloudTasksClient, "create_task"),
    ):
        setattr(kind, name, _watched(getattr(kind, name), before_a_write))
    request = requests.Session.request

    def watched_request(self: requests.Session, method: str, *args: Any, **kwargs: Any) -> requests.Response:
        if method.upper() != "GET":
            before_a_write()
        return request(self, method, *args, **kwargs)

    requests.Session.request = watched_request  # type: ignore[method-assign]


def _watched(call: Callable[..., Any], before: Callable[[], None]) -> Callable[..., Any]:
    def watched(*args: Any, **kwargs: Any) -> Any:
        before()
        return call(*args, **kwargs)

    return watched


if __name__ == "__main__":
    _serve()
