"""From the start of a function's process to its first answers, in ratio to a bare function on the same machine.

Started as the image starts it (infra/images/function.Dockerfile): functions-framework on byte-compiled files. The bare
function and ours take turns, so that all of them see the same load.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from infra.local.stack.process import LOOPBACK, PROJECT, free_ports
from shared.config import Config
from tests.benchmarks import shop
from tests.benchmarks.machine import peak_memory_mib
from tests.benchmarks.report import Row, Section, progress

_ROUNDS = 9
_ITEMS = 10_000
_POLL_S = 0.002
_PATIENCE_S = 60.0
_CLIENT_ID = "bench"
_LIMIT = 2.0
# What a user asks of the function first; functions that are not here answer only /health without side effects.
_FIRST_REQUESTS = {
    "products": "/products?category=Garden+Lighting&sort=-stockout_risk,product_name",
    "dashboard": "/dashboard",
    "settings": "/settings",
    "operations": "/operations",
    "etl": "/etl/runs",
}
_LIMITED = ("products", "dashboard")


@dataclass(frozen=True)
class Start:
    """Seconds from the start of the process to the first 200, and to that of a real request; peak memory after it."""

    health_s: float
    request_s: float | None
    memory_mib: float | None


@dataclass(frozen=True)
class Candidate:
    """A function as functions-framework is told of it."""

    name: str
    source: Path
    target: str
    request: str | None


def measure(_sizes: Sequence[int]) -> Iterator[Section]:
    """Every function that there is, and the bare one, several times in turns; medians."""
    section = Section(
        "cold_start",
        f"Cold start, median of {_ROUNDS}: s to the first 200 of /health and of a real request ({_ITEMS:,} items)",
        ("health", "request", "health/bare", "request/bare", "MiB"),
    )
    folders = sorted(main.parent.name for main in PROJECT.glob("functions/*/main.py"))
    bare = Candidate("bare", Path(__file__).with_name("bare_function.py"), "bare", "/read")
    ours = [
        Candidate(name, PROJECT / "functions" / name / "main.py", name, _FIRST_REQUESTS.get(name)) for name in folders
    ]
    with shop.own_folder() as folder:
        parts = shop.own_backends(folder, free_ports(1)[0])
        progress("starting the Firestore emulator")
        with parts.firestore:
            config = Config.from_env(parts.api_env)
            shop.publish_catalog(shop.new_tenant(config, _CLIENT_ID), _ITEMS)
            token = shop.token(config, _CLIENT_ID)
            log = folder / "function.log"
            found: dict[str, list[Start]] = {one.name: [] for one in (bare, *ours)}
            for turn in range(_ROUNDS + 1):
                progress(f"round {turn} of {_ROUNDS}" if turn else "starting each once, to compile it")
                for one in (bare, *ours):
                    start = _start(one, parts.api_env, token, log)
                    if turn:
                        found[one.name].append(start)
    section.begin()
    for name, starts in found.items():
        section.add(_row(name, starts, found["bare"]))
    yield section


def _row(name: str, starts: Sequence[Start], bare: Sequence[Start]) -> Row:
    health = statistics.median(one.health_s for one in starts)
    values: dict[str, float | int | str | None] = {
        "health": round(health, 3),
        "health/bare": round(health / statistics.median(one.health_s for one in bare), 2),
        "MiB": starts[-1].memory_mib,
    }
    requests = [one.request_s for one in starts if one.request_s is not None]
    if requests:
        request = statistics.median(requests)
        usual = statistics.median(one.request_s for one in bare if one.request_s is not None)
        values |= {"request": round(request, 3), "request/bare": round(request / usual, 2)}
    return Row(name, values, {"health/bare": _LIMIT, "request/bare": _LIMIT} if name in _LIMITED else {})


def _start(one: Candidate, env: dict[str, str], token: str, log: Path) -> Start:
    """Start it, ask, end it."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "functions_framework", f"--source={one.source}", f"--target={one.target}"]
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with log.open("wb") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [*command, f"--host={LOOPBACK}", f"--port={port}"],
            env=inherited | env | {"PYTHONPATH": str(PROJECT)},
            cwd=PROJECT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _first_answer(process, port, log)
            health_s = time.perf_counter() - begun
            if one.request is not None:
                _answer(port, one.request, token)
            request_s = time.perf_counter() - begun if one.request is not None else None
            return Start(health_s, request_s, peak_memory_mib(process.pid))
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _first_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return _answer(port, "/health", "")
        except (OSError, HTTPException):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the function did not start:\n{log.read_text(errors='replace')[-2000:]}") from None
            time.sleep(_POLL_S)


def _answer(port: int, path: str, token: str) -> None:
    connection = HTTPConnection(LOOPBACK, port, timeout=_PATIENCE_S)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"GET {path} answered {response.status}: {content[:500]!r}")
