"""What the README says of the first use, run as it stands there on a stack in which nobody is."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.stack.component import PEPPERS
from infra.local.stack.process import PROJECT, free_ports, until

pytestmark = pytest.mark.integration

_PATIENCE_S = 240
_SECTION = re.compile(r"^## From nothing to a dashboard.*?^```sh\n(?P<commands>.*?)^```", re.MULTILINE | re.DOTALL)
_ADDRESS = "http://127.0.0.1:8080/api/v1"


def _shell() -> dict[str, str]:
    """The environment of somebody who begins: without what other tests of this process work with."""
    ours = re.compile(r"STOCKCAST_|GOOGLE_CLOUD_PROJECT|.*_EMULATOR_")
    return {name: value for name, value in os.environ.items() if not ours.match(name)}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """`make run ARGS=--no-demo` in a folder of its own: what its stack.json says, and what it printed."""
    folder = tmp_path_factory.mktemp("empty")
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "infra.local", "--no-demo", "--port", str(port), "--folder", str(folder)]
    output = folder / "output.log"
    with output.open("w") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=_shell(), stdout=log, stderr=subprocess.STDOUT)
        description: Path = folder / "stack.json"
        try:
            until(lambda: description.exists() or process.poll() is not None, _PATIENCE_S)
            assert description.exists(), output.read_text()
            found = json.loads(description.read_text())
            peppers = {PEPPERS: (folder / "password-peppers.json").read_text()}
            yield found | {"output": output, "environ": found["firestore"] | peppers}
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _bootstrap(stack: Mapping[str, Any], *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    environ = _shell() | stack["environ"]
    command = [sys.executable, "-m", "infra.bootstrap", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, env=environ, input=password, capture_output=True, text=True, check=False
    )


def test_the_stack_says_what_comes_next(stack: Mapping[str, Any]) -> None:
    until(lambda: "README" in stack["output"].read_text(), 10)
    assert "-m infra.bootstrap you@example.com" in stack["output"].read_text()


def test_the_readmes_commands_lead_to_a_dashboard(stack: Mapping[str, Any]) -> None:
    section = _SECTION.search((PROJECT / "README.md").read_text())
    assert section is not None
    commands = section["commands"].replace(_ADDRESS, stack["base_url"])
    commands = commands.replace(".venv/bin/python", sys.executable)
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=PROJECT,
        env=_shell() | stack["environ"],
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    *_, dashboard, products = [line for line in run.stdout.splitlines() if line.startswith("{")]
    assert json.loads(dashboard)["metrics"]["total_skus"] == 5
    assert json.loads(dashboard)["metrics"]["understocked_count"] >= 2
    rows = {row["item_id"]: row for row in json.loads(products)["items"]}
    assert rows["TRAY"]["status"] == "understocked"
    assert rows["CLOCK"]["status"] == "overstocked"
    assert "a long password" not in stack["output"].read_text()


def test_bootstrap_is_safe_to_repeat_and_prints_no_password(stack: Mapping[str, Any]) -> None:
    password = "correct horse battery staple"
    first = _bootstrap(stack, "first@example.com", "--password-stdin", password=password)
    second = _bootstrap(stack, "First@Example.com", "--password-stdin", password="another horse, another staple")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "is now an administrator" in first.stdout
    assert "is an administrator" in second.stdout
    assert password not in first.stdout + first.stderr
    body = {"email": "first@example.com", "password": password}
    assert requests.post(f"{stack['base_url']}/auth/token", json=body, timeout=60).status_code == 200


def test_bootstrap_hands_over_a_one_time_token(stack: Mapping[str, Any]) -> None:
    outputs = [_bootstrap(stack, "second@example.com").stdout for _ in range(2)]
    tokens = [re.findall(r'"token": "([^"]+)"', output)[0] for output in outputs]
    statuses = []
    for token in (*tokens, tokens[1]):
        body = {"token": token, "new_password": "correct horse battery staple"}
        url = f"{stack['base_url']}/auth/password-reset"
        statuses.append(requests.post(url, json=body, timeout=60).status_code)
    assert statuses == [401, 204, 401]  # the first was replaced, the second works once
    assert '"token"' not in _bootstrap(stack, "second@example.com").stdout
    assert '"token"' in _bootstrap(stack, "second@example.com", "--reset").stdout


def test_bootstrap_says_what_is_wrong(stack: Mapping[str, Any]) -> None:
    for arguments, password, said in (
        (("nobody",), "", "no email address"),
        (("a@example.com", "--password-stdin"), "short", "at least 12"),
        (("ann@acme.example",), "", "client 'acme'"),
    ):
        refused = _bootstrap(stack, *arguments, password=password)
        assert refused.returncode == 1
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr
