"""Starts the local stack, watches it, and stops all of it together: `python -m infra.local`."""

from __future__ import annotations

import datetime as dt
import fcntl
import importlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from infra.local.stack.backends import Backends, backends
from infra.local.stack.component import Component
from infra.local.stack.firestore import Firestore
from infra.local.stack.gateway_process import GatewayProcess
from infra.local.stack.lost_events import remove_lost_events
from infra.local.stack.process import LOOPBACK, ComponentError, free_ports, require_free
from infra.migrations.run import Migrator
from shared.bigquery.dataset import create_missing
from shared.config import config
from shared.http.paths import API_ROOT

_GATEWAY_THREADS = 32  # a detail waits for BigQuery: with 16 of them, fifty details hold up every list
_EVENT_STREAMS = 128  # each in a thread of its own, which waits: those of the gateway are for requests
_WORKER_THREADS = 8
_SAME_REQUEST_S = 1.0
_SAVE_EVERY_S = 30.0
_DATA_FOLDERS = ("firestore", "bigquery", "cloud")


class _Stop(BaseException):
    """Someone asked us to stop."""


class _ComponentDied(BaseException):
    """A component ended without being asked to; the message is the report."""


@dataclass(frozen=True)
class Options:
    """What the command line decides. `worker_port` None: any free one."""

    port: int
    worker_port: int | None
    folder: Path
    fresh: bool
    demo: bool


class Stack:
    """The running system, as the demo data step sees it: `env` is also in os.environ by then, `api_env` is not."""

    def __init__(self, options: Options, environ: Mapping[str, str] = os.environ) -> None:
        self.folder = options.folder
        self.base_url = f"http://{LOOPBACK}:{options.port}{API_ROOT}"
        self._options = options
        self._worker_port = options.worker_port or free_ports(1)[0]
        worker_url = f"http://{LOOPBACK}:{self._worker_port}{API_ROOT}/{{function}}"
        self._backends: Backends = backends(
            options.folder, worker_url, persistent=True, schedules=True, environ=environ
        )
        self.env, self.api_env = self._backends.env, self._backends.api_env
        self._started: list[Component] = []
        self._stop_requested_at: float | None = None

    def say(self, line: str) -> None:
        """Tell the person at the terminal."""
        print(line, flush=True)

    def run(self) -> int:
        """Start everything, serve until a signal comes or one dies, stop everything; returns the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_requested)
        signal.signal(signal.SIGCHLD, self._look_for_dead)
        try:
            with _alone(self.folder):
                try:
                    self._start_all()
                    while True:
                        time.sleep(_SAVE_EVERY_S)
                        self._save()
                finally:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    self._stop_all()
        except _Stop:
            return 0
        except (_ComponentDied, ComponentError) as error:
            print(error, file=sys.stderr, flush=True)
            return 1

    @property
    def _description(self) -> Path:
        return self.folder / "stack.json"

    def _start_all(self) -> None:
        self._description.unlink(missing_ok=True)
        require_free(self._options.port, "gateway", "STOCKCAST_PORT=8090 or --port 8090")
        require_free(self._worker_port, "worker", "STOCKCAST_WORKER_PORT=8091 or --worker-port 8091")
        if self._options.fresh:
            for name in _DATA_FOLDERS:
                shutil.rmtree(self.folder / name, ignore_errors=True)
        begun = time.monotonic()
        firestore = self._backends.firestore
        first_time = isinstance(firestore, Firestore) and not firestore.has_saved_data
        self._start_backends()
        self._migrate()
        logs = self.folder / "logs"
        # The worker answers users too: the chat asks its questions there, with their tokens.
        self._start(GatewayProcess("worker", logs / "worker.log", self._worker_port, _WORKER_THREADS, self.api_env))
        threads, env = _GATEWAY_THREADS + _EVENT_STREAMS, {"STOCKCAST_EVENT_STREAMS": str(_EVENT_STREAMS)}
        self._start(
            GatewayProcess("gateway", logs / "gateway.log", self._options.port, threads, {**self.api_env, **env})
        )
        reached = ("GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST")  # by infra.bootstrap
        description: dict[str, Any] = {
            "base_url": self.base_url,
            "firestore": {name: self.env[name] for name in reached},
            "scheduler": self._backends.cloud.scheduler_url,
        }
        if self._options.demo:
            description |= _ensure_demo()(self, self._options.fresh)
            if first_time and isinstance(firestore, Firestore):
                firestore.save()
        else:
            create_missing(config())
        self._describe(description)
        self.say(f"ready after {time.monotonic() - begun:.1f} s   {self.base_url}/docs")
        self.say(f"logs in {logs}; Ctrl-C stops everything and keeps the data")
        if not self._options.demo:
            self.say("next, if nobody is there yet: .venv/bin/python -m infra.bootstrap you@example.com")
            self.say('then the README, "From nothing to a dashboard of your own"')

    def _migrate(self) -> None:
        """What an earlier checkout has stored gets the shape of this one; where it has that, a read."""
        Migrator(config(), "the local stack", "local", lambda: dt.datetime.now(dt.UTC), self.say).migrate()

    def _start_backends(self) -> None:
        """Databases and cloud services, of one mind again where the last run was killed."""
        firestore, bigquery, cloud = self._backends.components
        self._start(firestore)
        self._start(bigquery)
        os.environ.update(self.env)
        if isinstance(firestore, Firestore) and firestore.lost_since is not None:
            self.say(f"the last run was killed: what was written after {firestore.lost_since:%Y-%m-%d %X} UTC is lost")
            removed = remove_lost_events(config(), firestore.lost_since)
            self.say(f"  {removed} events of orders and receipts that are lost were removed from BigQuery")
            self._backends.cloud.lost_since = firestore.lost_since
        self._start(cloud)

    def _save(self) -> None:
        firestore = self._backends.firestore
        if isinstance(firestore, Firestore):
            try:
                firestore.save_if_used()
            except OSError as error:
                self.say(f"{firestore.name}: the documents were not saved: {error}")

    def _start(self, component: Component) -> None:
        begun = time.monotonic()
        self._started.append(component)
        component.start()
        self.say(f"{component.name:<20} {time.monotonic() - begun:5.1f} s")

    def _stop_all(self) -> None:
        self._description.unlink(missing_ok=True)
        try:
            while self._started:
                component = self._started[-1]
                try:
                    component.stop()
                except OSError as error:  # a Firestore that died cannot be saved; the others still have to go
                    print(f"{component.name}: {error}", file=sys.stderr, flush=True)
                self._started.pop()
        except _Stop:  # asked a second time
            for component in self._started:
                component.kill()

    def _stop_requested(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        # Programs like timeout(1) signal us and our process group: that is one request, not impatience.
        if self._stop_requested_at is None or now - self._stop_requested_at > _SAME_REQUEST_S:
            self._stop_requested_at = now
            raise _Stop

    def _look_for_dead(self, _number: int, _frame: FrameType | None) -> None:
        for component in self._started:
            if component.died:
                raise _ComponentDied(component.report("died"))

    def _describe(self, description: Mapping[str, Any]) -> None:
        """Write stack.json in one step: whoever finds it can rely on it."""
        new = self._description.with_suffix(".new")
        new.write_text(json.dumps(description, indent=2))
        new.replace(self._description)


def _ensure_demo() -> Callable[[Stack, bool], dict[str, Any]]:
    """`infra.local.demo.ensure(stack, fresh)`: makes sure of the demo data and returns what goes into stack.json."""
    ensure: Callable[[Stack, bool], dict[str, Any]] = importlib.import_module("infra.local.demo").ensure
    return ensure


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. Raises ComponentError when another stack has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ComponentError(f"a stack is already running with its data in {folder}: stop it first") from None
        yield
