"""The environments that `make` builds are pinned by version and hash."""

from __future__ import annotations

import re
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[1]
_LOCKS = sorted(path.name for path in (_ROOT / "locks").glob("*.txt"))
_PINS = {
    "audit.txt": "locks/audit.in",
    "run.txt": "constraints.txt",
    "dev.txt": "constraints.txt",
    "bigquery.txt": "infra/local/bigquery-requirements.txt",
}


def _pinned(file: Path) -> dict[str, str]:
    """Version by package."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==([^\s;]+)", file.read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in lines}


def _required(requirement: Requirement, seen: set[str]) -> set[str]:
    """What a requirement needs on this machine, by name, itself included."""
    name = canonicalize_name(requirement.name)
    key = str(requirement)
    if key in seen:
        return set()
    seen.add(key)
    needed: set[str] = {name}
    for text in distribution(name).requires or ():
        further = Requirement(text)
        if any(
            further.marker is None or further.marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras)
        ):
            needed |= _required(further, seen)
    return needed


@pytest.mark.parametrize("lock", _LOCKS)
def test_a_lock_has_the_pinned_versions_with_their_hashes_and_no_address(lock: str) -> None:
    file, pins = _ROOT / "locks" / lock, _pinned(_ROOT / _PINS[lock])
    text, locked = file.read_text(), _pinned(file)
    assert locked
    assert {name: version for name, version in locked.items() if pins.get(name, version) != version} == {}
    assert len(locked) == len(re.findall(r"^\S+==.+ \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE))
    assert "://" not in text


@pytest.mark.parametrize("lock", ["dev.txt", "bigquery.txt"])
def test_whole_environments_are_locked(lock: str) -> None:
    """But for torch, whose build is the machine's."""
    pins = _pinned(_ROOT / _PINS[lock])
    pins.pop("torch", None)
    assert _pinned(_ROOT / "locks" / lock) == pins


def test_what_the_local_stack_requires_is_locked() -> None:
    needed = _required(Requirement("stockcast[local]"), set())
    assert needed - _pinned(_ROOT / "locks" / "run.txt").keys() == {"stockcast"}
