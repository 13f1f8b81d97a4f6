"""schemathesis against the API: what the document allows is understood, what it does not is refused, nothing is an
error of the server, and every answer is one that the document declares; its links lead on.

`make fuzz` goes on for longer, from another start each time.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from infra.local.stack.gateway_process import GatewayProcess
from infra.local.stack.process import PROJECT, free_ports
from shared.config import config
from shared.domain.access.principal import Principal, Role
from shared.domain.location import Location
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.locations import Locations
from shared.firestore.suppliers import Suppliers
from shared.http.tokens import issue_access_token
from tests.support.link_walk import Walk
from tests.support.running import Running
from tests.support.shops import fill
from tests.support.tenants import TestClient

_SECONDS = os.environ.get("FUZZ_SECONDS")
_CONFIGURATION = PROJECT / "tests" / "support" / "schemathesis.toml"
# One worker: in several threads the parser that schemathesis calls fails now and then (CPython 3.11, "AST constructor
# recursion depth mismatch").
_USUAL = ("--phases", "coverage", "--seed", "1", "--workers", "1")
_LONGER = ("--phases", "coverage,fuzzing,stateful", "--max-time", str(_SECONDS))
_LINE_LENGTH = 500
_ONE_OF = 24  # so many of the cases are tried as a rule
_ROUNDS = 2  # along those links that were not answered well so far
# What only the platform may do, and what starts processes or reads a database that is not there.
_NOT_ON_THE_WALK = ("createClient", "closeClient", "startForecast", "startEtlRun", "startSync")
# Of 123 links: the others start at what the shop lacks, a notification say, or what a link before has deleted. 2xx is
# not for all of them: who is linked or holds stock is not deleted (409).
_FOLLOWED, _ANSWERED_WELL = 105, 90


@pytest.fixture
def base_url(running: Running, tmp_path: Path) -> Iterator[str]:
    """The API under the server of the local stack, which has limits of its own."""
    (port,) = free_ports(1)
    env = running.backends.api_env | {"FIRESTORE_EMULATOR_HOST": running.meter.address}
    gateway = GatewayProcess("gateway", tmp_path / "gateway.log", port, threads=4, env=env)
    gateway.start()
    yield gateway.base_url
    gateway.stop()


@pytest.mark.slow
def test_no_request_breaks_the_contract(client: TestClient, base_url: str, tmp_path: Path) -> None:
    fill(client)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIGURATION)),
        *("run", f"{base_url}/openapi.json"),
        *("--header", f"Authorization: Bearer {_token(client)}"),
        *("--no-color", "--generation-database", "none"),
        *(_LONGER if _SECONDS else _USUAL),
    ]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "tests.support.fuzz_checks",
        "PYTHONPATH": str(PROJECT),
        "FUZZ_ONE_OF": "1" if _SECONDS else str(_ONE_OF),
        "PYTHONHASHSEED": "random" if _SECONDS else "1",  # schemathesis goes through sets
    }
    run = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    report = "\n".join(line[:_LINE_LENGTH] for line in (run.stdout + run.stderr).splitlines())
    assert run.returncode == 0, report


@pytest.mark.slow
def test_links_lead_on(client: TestClient, base_url: str) -> None:
    """Make, read, change and delete what the document's links go through, with the ids and versions of the answers."""
    places, suppliers = ("LONDON", "DUBLIN", "LEEDS"), ("acme", "fast", "cheap", "spare")
    Locations(client.tenant).put_many([Location(place, place.title()) for place in places])
    Suppliers(client.tenant).put_many([Supplier(supplier, f"{supplier.title()} Ltd") for supplier in suppliers])
    fill(client)
    start = Random().randrange(2**32) if _SECONDS else 1
    print(f"the walk starts with {start}")  # shown if it fails
    walk = Walk(base_url, _token(client), Random(start), _NOT_ON_THE_WALK)
    for rounds in _rounds():
        for name in ("putMapping", "putSource"):  # of which there is none otherwise
            walk.start(name)
        walk.follow([link for link in walk.links if rounds >= _ROUNDS or not walk.accepted[link]])
    assert len(walk.followed) >= _FOLLOWED, [str(link) for link in walk.links if link not in walk.followed]
    accepted = {link for link, times in walk.accepted.items() if times}
    assert len(accepted) >= _ANSWERED_WELL, [str(link) for link in walk.links if link not in accepted]


def _rounds() -> Iterator[int]:
    """How many were gone before, a quarter of the time that `make fuzz` has."""
    until = time.monotonic() + int(_SECONDS or 0) / 4
    rounds = 0
    while rounds < _ROUNDS or time.monotonic() < until:
        yield rounds
        rounds += 1


def _token(client: TestClient) -> str:
    caller = Principal(f"user-{client.client_id}", client.client_id, Role.ADMIN)
    return issue_access_token(config(), caller, dt.datetime.now(dt.UTC), dt.timedelta(hours=4))
