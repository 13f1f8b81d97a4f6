from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.stack.process import LOOPBACK, PROJECT, ComponentError, Process, free_ports, require_free, until

pytestmark = pytest.mark.integration

# A child that starts a grandchild, both of which ignore nothing; writes both process ids.
_FAMILY = """
import pathlib, subprocess, sys, signal
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
file = pathlib.Path(sys.argv[1])
file.with_suffix(".new").write_text(str(child.pid))
file.with_suffix(".new").replace(file)
signal.pause()
"""
_STUBBORN = """
import pathlib, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
signal.pause()
"""
_SUPERVISOR = """
import os, signal, sys
from pathlib import Path
from collections.abc import Callable
from infra.local.stack.process import Process
ids = Path(sys.argv[1])
family = Process("family", [sys.executable, "-c", sys.argv[2], str(ids)], os.environ, ids.with_suffix(".log"))
family.start(ids.exists, 20)
os.kill(os.getpid(), signal.SIGKILL)
"""


def running(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def a_family(ids: Path) -> Process:
    return Process("family", [sys.executable, "-c", _FAMILY, str(ids)], os.environ, ids.with_suffix(".log"))


@pytest.mark.parametrize("end", [Process.stop, Process.kill])
def test_stopping_ends_what_the_child_started(tmp_path: Path, end: Callable[[Process], None]) -> None:
    ids = tmp_path / "ids"
    process = a_family(ids)
    process.start(ids.exists, 20)
    child, grandchild = process.pid, int(ids.read_text())
    assert child is not None
    assert running(child)
    assert running(grandchild)
    end(process)
    assert not process.alive
    assert not running(child)
    assert until(lambda: not running(grandchild), 5)


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    process = Process("stubborn", [sys.executable, "-c", _STUBBORN, str(ready)], os.environ, tmp_path / "log")
    process.start(ready.exists, 20)
    pid = process.pid
    assert pid is not None
    process.stop(timeout_s=0.1)
    assert not running(pid)


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    ids = tmp_path / "ids"
    done = subprocess.run([sys.executable, "-c", _SUPERVISOR, str(ids), _FAMILY], cwd=PROJECT, timeout=30, check=False)
    assert done.returncode == -signal.SIGKILL
    assert until(lambda: not running(int(ids.read_text())), 10)


def test_a_child_that_dies_while_starting_is_reported_with_its_log(tmp_path: Path) -> None:
    process = Process("oracle", [sys.executable, "-c", "exit('no such file: x')"], os.environ, tmp_path / "log")
    with pytest.raises(ComponentError, match=r"(?s)oracle died while starting.*no such file: x"):
        process.start(lambda: False, 20)


def test_a_child_that_never_answers_is_ended_and_reported(tmp_path: Path) -> None:
    process = Process("mute", [sys.executable, "-c", "import signal; signal.pause()"], os.environ, tmp_path / "log")
    with pytest.raises(ComponentError, match=r"mute did not answer within 0.1 s"):
        process.start(lambda: False, 0.1)
    assert not process.alive


def test_a_taken_port_is_named_and_how_to_choose_another() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            ComponentError, match=rf"port {port} for the gateway is taken; choose another: STOCKCAST_PORT"
        ):
            require_free(port, "gateway", "STOCKCAST_PORT=8090")
    require_free(port, "gateway", "STOCKCAST_PORT=8090")


def test_free_ports_are_different_and_below_those_of_outgoing_connections() -> None:
    ports = free_ports(20)
    lowest_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert len(set(ports)) == 20
    assert max(ports) < lowest_outgoing
