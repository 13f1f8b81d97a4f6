"""schemathesis against the API: what the document allows is understood, what it does not is refused, nothing is an
error of the server, and every answer is one that the document declares.

`make fuzz` goes on for longer, from another start each time.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.stack.gateway_process import GatewayProcess
from infra.local.stack.process import PROJECT, free_ports
from shared.config import config
from shared.domain.access.principal import Principal, Role
from shared.http.tokens import issue_access_token
from tests.support.running import Running
from tests.support.shops import fill
from tests.support.tenants import TestClient

_SECONDS = os.environ.get("FUZZ_SECONDS")
_CONFIGURATION = PROJECT / "tests" / "support" / "schemathesis.toml"
# One worker: in several threads the parser that schemathesis calls fails now and then (CPython 3.11, "AST constructor
# recursion depth mismatch").
_USUAL = ("--phases", "coverage", "--seed", "1", "--workers", "1")
_LONGER = ("--phases", "coverage,fuzzing", "--max-time", str(_SECONDS))
_LINE_LENGTH = 500
_ONE_OF = 12  # so many of the cases are tried as a rule


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
    caller = Principal(f"user-{client.client_id}", client.client_id, Role.ADMIN)
    token = issue_access_token(config(), caller, dt.datetime.now(dt.UTC), dt.timedelta(hours=4))
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIGURATION)),
        *("run", f"{base_url}/openapi.json"),
        *("--header", f"Authorization: Bearer {token}"),
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
