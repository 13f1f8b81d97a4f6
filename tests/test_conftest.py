"""A unit test costs what its own imports cost, and what starts a process is told apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tenants import TestClient

_RULES = "tests/shared/domain/purchasing/test_cart.py"
_STACK = ("flask", "google.cloud.firestore", "google.protobuf", "grpc", "infra", "polars", "requests", "werkzeug")
_NAME_IMPORTED = f"""
import sys
import pytest

status = pytest.main(["-p", "no:cacheprovider", *sys.argv[1:]])
print("imported:", *(name for name in {_STACK} if name in sys.modules))
sys.exit(status)
"""


@pytest.mark.integration
def test_a_pure_test_imports_nothing_of_the_stack() -> None:
    command = [sys.executable, "-c", _NAME_IMPORTED, _RULES]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "imported:"


@pytest.fixture
def client_id(client: TestClient) -> str:
    return client.client_id


def test_what_depends_on_the_stack_is_marked(client: TestClient, request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("integration")


def test_what_depends_on_it_by_way_of_another_fixture_is_too(client_id: str, request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("integration")


def test_what_starts_a_process_without_the_mark_fails(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("integration") is None
    with pytest.raises(RuntimeError, match=r"mark it with pytest\.mark\.integration"):
        subprocess.run(["true"], check=True)
