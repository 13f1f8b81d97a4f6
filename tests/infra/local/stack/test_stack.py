"""The whole stack as a user starts it, without demo data."""

from __future__ import annotations

import ipaddress
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.local.stack.process import PROJECT, answers, free_ports, until
from tests.support.running import Running

pytestmark = pytest.mark.integration

_EMULATORS = ("FIRESTORE_EMULATOR_HOST", "BIGQUERY_EMULATOR_HOST", "BIGQUERY_STORAGE_EMULATOR_HOST")


@dataclass
class Started:
    """A stack in a process of its own."""

    process: subprocess.Popen[str]
    folder: Path
    port: int

    @property
    def description(self) -> Path:
        return self.folder / "stack.json"

    def wait_until_ready(self) -> None:
        assert until(lambda: self.description.exists() or self.process.poll() is not None, 300)
        assert self.process.poll() is None, self.process.communicate()

    def family(self) -> dict[int, str]:
        """Every process that descends from it, itself included, with its command line."""
        children: dict[int, list[int]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(stat.parent.name))
        found, waiting = {}, [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found[pid] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
            waiting += children.get(pid, [])
        return found


def start(folder: Path, port: int, emulators: Mapping[str, str]) -> Started:
    env = {name: value for name, value in os.environ.items() if name not in _EMULATORS} | dict(emulators)
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local", "--no-demo", f"--port={port}", f"--folder={folder}"],
        cwd=PROJECT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return Started(process, folder, port)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    (port,) = free_ports(1)
    started = start(tmp_path_factory.mktemp("stack"), port, {})
    try:
        started.wait_until_ready()
        yield started
    finally:
        started.process.terminate()
        started.process.communicate(timeout=60)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def listening_addresses(pids: set[int]) -> dict[str, str]:
    """Addresses on which these processes listen, with the process's command line."""
    owners = {}
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                owners[os.readlink(descriptor)] = pid
            except FileNotFoundError:
                continue
    found = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            owner = owners.get(f"socket:[{fields[9]}]")
            if fields[3] == "0A" and owner is not None:
                host, port = fields[1].split(":")
                words = [int(host[first : first + 8], 16).to_bytes(4, "little") for first in range(0, len(host), 8)]
                found[f"{ipaddress.ip_address(b''.join(words))} {int(port, 16)}"] = str(owner)
    return found


def test_describes_itself_once_everything_answers(stack: Started) -> None:
    described = json.loads(stack.description.read_text())
    assert described["base_url"] == f"http://127.0.0.1:{stack.port}/api/v1"
    assert set(described["firestore"]) == {"GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST"}
    assert set(described) == {"base_url", "firestore", "scheduler"}
    assert answers(f"http://127.0.0.1:{stack.port}/api/v1/health")


def test_nothing_listens_beyond_loopback(stack: Started) -> None:
    listening = listening_addresses(set(stack.family()))
    # two gateways, BigQuery's and our servers' REST and gRPC, Firestore with its sockets beside
    assert len(listening) >= 7
    for address in listening:
        host = ipaddress.ip_address(address.split()[0])
        assert (getattr(host, "ipv4_mapped", None) or host).is_loopback, address


def test_a_second_one_with_the_same_data_is_refused(stack: Started) -> None:
    second = start(stack.folder, free_ports(1)[0], {})
    _, said = second.process.communicate(timeout=30)
    assert second.process.returncode == 1
    assert said.startswith("a stack is already running")
    assert stack.description.exists()


def test_a_taken_port_is_named_with_how_to_choose_another(stack: Started, tmp_path: Path) -> None:
    second = start(tmp_path, stack.port, {})
    _, said = second.process.communicate(timeout=30)
    assert second.process.returncode == 1
    assert said == f"port {stack.port} for the gateway is taken; choose another: STOCKCAST_PORT=8090 or --port 8090\n"


def test_sigterm_ends_every_child_and_keeps_the_data(stack: Started) -> None:
    family = stack.family()
    assert len(family) >= 9
    for _ in range(2):  # as timeout(1) does
        stack.process.send_signal(signal.SIGTERM)
    printed, complained = stack.process.communicate(timeout=60)
    assert (stack.process.returncode, complained) == (0, "")
    assert until(lambda: not any(map(runs, family)), 5), {pid: family[pid] for pid in family if runs(pid)}
    assert not stack.description.exists()
    assert (stack.folder / "firestore" / "current").exists()
    names = [line.split("  ")[0] for line in printed.splitlines()[:5]]
    assert names == ["Firestore emulator", "BigQuery emulator", "cloud servers", "worker", "gateway"]


def test_all_stop_when_one_dies_and_it_is_named(running: Running, tmp_path: Path) -> None:
    emulators = {name: running.backends.env[name] for name in _EMULATORS}
    started = start(tmp_path, free_ports(1)[0], emulators)
    started.wait_until_ready()
    family = started.family()
    assert not any("firestore" in command or "bigquery_emulator_main" in command for command in family.values())
    (victim,) = (pid for pid, command in family.items() if "infra.local.stack.cloud_services_main" in command)
    os.kill(victim, signal.SIGKILL)
    _, said = started.process.communicate(timeout=60)
    assert started.process.returncode == 1
    assert said.startswith("cloud servers died; the end of ")
    assert until(lambda: not any(map(runs, family)), 5)
    assert not started.description.exists()
    assert not any(component.died for component in running.backends.components)


def test_an_emulator_that_is_named_but_absent_is_said_so(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    started = start(tmp_path, free_ports(1)[0], {"FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{port}"})
    _, said = started.process.communicate(timeout=30)
    assert started.process.returncode == 1
    assert said.startswith(f"FIRESTORE_EMULATOR_HOST=127.0.0.1:{port} is set, but nothing answers there")


def test_half_a_bigquery_is_said_so(tmp_path: Path) -> None:
    started = start(tmp_path, free_ports(1)[0], {"BIGQUERY_EMULATOR_HOST": "127.0.0.1:9050"})
    _, said = started.process.communicate(timeout=30)
    assert started.process.returncode == 1
    assert "BIGQUERY_STORAGE_EMULATOR_HOST is not: set both, or neither" in said
