"""A unit test costs what its own imports cost, and what starts a process is told apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

_PROJECT = Path(__file__).parents[1]
_RULES = "tests/shared/domain/purchasing/test_cart.py"
_STACK = ("flask", "google.cloud.firestore", "google.protobuf", "grpc", "infra", "polars", "requests", "werkzeug")
_NAME_IMPORTED = f"""
import sys
import pytest

status = pytest.main(["-p", "no:cacheprovider", *sys.argv[1:]])
print("imported:", *(name for name in {_STACK} if name in sys.modules))
sys.exit(status)
"""


def _pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _NAME_IMPORTED, *arguments]
    return subprocess.run(command, cwd=_PROJECT, capture_output=True, text=True, timeout=60, check=False)


def test_a_pure_test_imports_nothing_of_the_stack() -> None:
    done = _pytest(_RULES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "imported:"


@pytest.mark.parametrize("file", ["shared/tasks/test_operations.py", "functions/products/test_list.py"])
def test_what_depends_on_the_stack_is_marked(file: str) -> None:
    """By `client`, and by way of a fixture of the folder's own."""
    done = _pytest(f"tests/{file}", "--collect-only", "-m", "not integration")
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout + done.stderr


def test_what_starts_a_process_without_the_mark_fails(tmp_path: Path) -> None:
    body = "import subprocess\n\ndef test_starts():\n    subprocess.run(['true'])\n"
    file = tmp_path / "test_starts.py"
    plugin = ("-p", "tests.conftest", "-c", str(_PROJECT / "pyproject.toml"))
    file.write_text(body)
    assert "mark it with pytest.mark.integration" in _pytest(*plugin, str(file)).stdout
    file.write_text(f"import pytest\npytestmark = pytest.mark.integration\n{body}")
    done = _pytest(*plugin, str(file))
    assert done.returncode == 0, done.stdout + done.stderr
