"""A component of the local stack as a child process: its own process group, its own log file, ready when it answers."""

from __future__ import annotations

import atexit
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

LOOPBACK = "127.0.0.1"
PROJECT = Path(__file__).resolve().parents[3]
_REAPER = Path(__file__).with_name("reaper.py")
_POLL_S = 0.02
_OWN_PORTS = range(20_000, 32_000)


class ComponentError(RuntimeError):
    """A component cannot be started or has died; the message says which, why, and what to do."""


def until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Ask until the condition holds or the time is over; returns whether it holds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def answers(url: str, timeout_s: float = 5.0) -> bool:
    """Whether a GET of this URL gets a 2xx."""
    try:
        with urlopen(url, timeout=timeout_s):  # noqa: S310
            return True
    except (URLError, OSError):
        return False


def accepts(port: int, host: str = LOOPBACK) -> bool:
    """Whether something listens on this port."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_ports(count: int) -> list[int]:
    """Ports that are free on loopback now, all different.

    They lie below the range from which the kernel gives ports to outgoing connections: a client that keeps trying to
    reach a stopped component would otherwise sooner or later occupy its port, or even connect to itself.
    """
    chosen: list[int] = []
    for port in random.sample(_OWN_PORTS, len(_OWN_PORTS)):
        if len(chosen) == count:
            break
        if _is_free(port):
            chosen.append(port)
    return chosen


def require_free(port: int, name: str, how_to_choose: str) -> None:
    """Raise ComponentError when the port is taken, naming it and how to choose another."""
    if not _is_free(port):
        raise ComponentError(f"port {port} for the {name} is taken; choose another: {how_to_choose}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


class Process:
    """A child with its own process group, so that stopping it stops what it started, and Ctrl-C reaches only us."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], log: Path, *, append: bool = False
    ) -> None:
        self.name = name
        self._command = list(command)
        self._env = dict(env)
        self._log = log
        self._mode = "ab" if append else "wb"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self, ready: Callable[[], bool], timeout_s: float) -> None:
        """Start it and return once `ready()` holds. Raises ComponentError with the end of its log when it does not."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open(self._mode) as log:
            self._child = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _tell_reaper("+", self._child.pid)
        if not until(lambda: not self.alive or ready(), timeout_s) or not self.alive:
            died = not self.alive
            report = self.report(f"did not answer within {timeout_s:g} s")
            self.kill()
            raise ComponentError(self.report("died while starting") if died else report)

    def stop(self, timeout_s: float = 10.0) -> None:
        """SIGTERM to the whole group, SIGKILL to what is left after `timeout_s`."""
        self._end(signal.SIGTERM, timeout_s)

    def kill(self) -> None:
        """SIGKILL to the whole group."""
        self._end(signal.SIGKILL, 5.0)

    def report(self, what: str, lines: int = 12) -> str:
        """`what` happened to the component, with the end of its log."""
        tail = self._log.read_text(errors="replace").splitlines()[-lines:] if self._log.exists() else []
        return "\n".join([f"{self.name} {what}; the end of {self._log}:", *(f"    {line}" for line in tail)])

    def _end(self, number: signal.Signals, timeout_s: float) -> None:
        if self._child is None:
            return
        group = self._child.pid
        _signal_group(group, number)
        if not until(lambda: not self.alive and not _runs(group), timeout_s):
            _signal_group(group, signal.SIGKILL)
            until(lambda: not self.alive and not _runs(group), 5.0)
        _tell_reaper("-", group)
        self._child = None


def _signal_group(group: int, number: int) -> bool:
    """Send a signal to a group (0 only looks); tells whether any process of it is left."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS gives the latter when only zombies are left
        return False
    return True


def _runs(group: int) -> bool:
    """Whether any process of the group runs. Ended ones stay in the group until init collects them, maybe never."""
    if not _signal_group(group, 0):
        return False
    states = [_state_and_group(stat) for stat in Path("/proc").glob("[0-9]*/stat")]
    return not states or any(state != "Z" and found == group for state, found in states)


def _state_and_group(stat: Path) -> tuple[str, int]:
    try:
        state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
    except (FileNotFoundError, ProcessLookupError):
        return "Z", 0
    return state, int(group)


@cache
def _reaper() -> IO[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-S", "-E", str(_REAPER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    assert child.stdin is not None  # noqa: S101
    # Its end, with this process, is what the reaper waits for; nobody waits for the reaper.
    child.returncode = 0
    atexit.register(child.stdin.close)
    return child.stdin


def _tell_reaper(sign: str, group: int) -> None:
    reaper = _reaper()
    reaper.write(f"{sign}{group}\n".encode())
    reaper.flush()
