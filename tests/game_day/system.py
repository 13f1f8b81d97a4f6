"""The system of a game day: every part is killed at will, and comes back as production would bring it back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.stack.backends import Backends, backends
from infra.local.stack.component import Component
from infra.local.stack.firestore import Firestore
from infra.local.stack.gateway_process import GatewayProcess
from infra.local.stack.lost_events import remove_lost_events
from infra.local.stack.process import LOOPBACK, free_ports, until
from shared.bigquery.dataset import create_missing
from shared.config import Config
from shared.http.paths import API_ROOT

_THREADS = 16
_JOB = b"forecast_job"
_JOB_COMES_S = 15.0
_SAVED_EVERY_S = 10.0


@dataclass
class Kill:
    """A part that was killed, when (seconds since the start), and for how long it was away."""

    part: str
    at_s: float
    away_s: float = 0.0
    note: str = ""


@dataclass
class System:
    """Gateway, worker, databases and cloud servers. Kills wait for each other: one part is away at a time."""

    backends: Backends
    gateway: GatewayProcess
    worker: GatewayProcess
    began: float = field(default_factory=time.monotonic)
    kills: list[Kill] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base_url(self) -> str:
        return self.gateway.base_url

    @property
    def config(self) -> Config:
        return Config.from_env(self.backends.api_env)

    @property
    def ways(self) -> dict[str, Callable[[], str]]:
        """By the name of a part, how it is killed and started again; tells what is worth telling."""
        return {
            "gateway": lambda: self._restarted(self.gateway),
            "worker": lambda: self._restarted(self.worker),
            "BigQuery": lambda: self._restarted(self.backends.bigquery),
            "cloud servers": lambda: self._restarted(self.backends.cloud),
            "Firestore": self._firestore,
            "job": self._job,
        }

    def kill(self, part: str) -> Kill:
        """SIGKILL the part, and start it again."""
        with self._lock:
            begun = time.monotonic()
            kill = Kill(part, begun - self.began)
            kill.note = self.ways[part]()
            kill.away_s = time.monotonic() - begun
            self.kills.append(kill)
        return kill

    @contextmanager
    def saved_now_and_then(self) -> Iterator[None]:
        """The documents are saved as the local stack does it, only more often."""
        over = threading.Event()

        def save() -> None:
            while not over.wait(_SAVED_EVERY_S):
                with self._lock:
                    self._stored.save_if_used()

        thread = threading.Thread(target=save, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def crash(self) -> str:
        """SIGKILL of everything at once, and a start as the local stack makes it; tells what was lost."""
        with self._lock:
            parts = (self.gateway, self.worker, *self.backends.components)
            for part in parts:
                if part.pid is not None:
                    os.killpg(part.pid, signal.SIGKILL)
            for part in parts:
                part.kill()
            self._stored.start()
            self.backends.bigquery.start()
            lost_since = self._stored.lost_since
            assert lost_since is not None
            removed = remove_lost_events(Config.from_env(self.backends.env), lost_since)
            self.backends.cloud.lost_since = lost_since
            for part in (self.backends.cloud, self.worker, self.gateway):
                part.start()
        return f"writes after {lost_since:%X} lost, {removed} events of theirs removed"

    @property
    def _stored(self) -> Firestore:
        assert isinstance(self.backends.firestore, Firestore)
        return self.backends.firestore

    @staticmethod
    def _restarted(component: Component) -> str:
        component.kill()
        component.start()
        return ""

    def _firestore(self) -> str:
        """As a database that crashes and has kept every commit, which the emulator would not: everybody who writes is
        stopped where he is, the documents are saved, and then it is killed. Answers under way are lost."""
        firestore = self._stored
        writers = [component.pid for component in (self.gateway, self.worker, self.backends.cloud)]
        groups = [pid for pid in writers if pid is not None]
        for group in groups:
            os.killpg(group, signal.SIGSTOP)
        try:
            firestore.save()
            firestore.kill()
            firestore.start()
        finally:
            for group in groups:
                os.killpg(group, signal.SIGCONT)
        return "writers stopped, saved, killed"

    def _job(self) -> str:
        """The tasks of a forecast that runs, or begins soon; Cloud Run starts each again."""
        until(lambda: bool(self._job_tasks()), _JOB_COMES_S)
        running = self._job_tasks()
        for pid in running:
            os.kill(pid, signal.SIGKILL)
        return f"{len(running)} tasks" if running else "none was running"

    def _job_tasks(self) -> list[int]:
        group = self.backends.cloud.pid
        return [pid for pid in _members(group) if _JOB in _command(pid)] if group is not None else []


@contextmanager
def system(folder: Path) -> Iterator[System]:
    """Started, with the tables of the dataset; its data are in `folder`, where restarts find them."""
    worker_port, port = free_ports(2)
    ours = {name: value for name, value in os.environ.items() if not name.endswith(("_EMULATOR_HOST", "_JWT_KEYS"))}
    url = f"http://{LOOPBACK}:{worker_port}{API_ROOT}/{{function}}"
    with ExitStack() as started:
        parts = started.enter_context(backends(folder, url, persistent=True, schedules=True, environ=ours))
        os.environ.update(parts.env)  # for `config()` in what is used of the product here
        create_missing(Config.from_env(parts.env))
        logs = folder / "logs"
        worker = GatewayProcess("worker", logs / "worker.log", worker_port, _THREADS, parts.env)
        gateway = GatewayProcess("gateway", logs / "gateway.log", port, _THREADS, parts.api_env)
        started.enter_context(worker)
        started.enter_context(gateway)
        yield System(parts, gateway, worker)


def _members(group: int) -> list[int]:
    members = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                members.append(int(folder.name))
        except ProcessLookupError:
            continue
    return members


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
