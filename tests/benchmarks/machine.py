"""What the figures were measured on, and how much memory a process took."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from infra.local.stack.process import PROJECT

_PACKAGES = ("polars", "numpy", "flask", "pydantic", "google-cloud-firestore", "google-cloud-bigquery", "gunicorn")


def facts() -> dict[str, Any]:
    """Time, commit, processor, memory and versions; what depends on them is not comparable across machines."""
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": _output("git", "describe", "--always", "--dirty"),
        "system": platform.platform(),
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory": _field("/proc/meminfo", "MemTotal"),
        "load_average": load_average(),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
    }


def load_average() -> float:
    """How many processes wanted to run during the last minute."""
    return round(os.getloadavg()[0], 2)


def peak_memory_mib(leader: int) -> float | None:
    """The most memory that any process of a group took so far; None where /proc does not tell."""
    peaks = [peak for pid in _members(leader) if (peak := _field(f"/proc/{pid}/status", "VmHWM")) is not None]
    return round(max(int(peak.split()[0]) for peak in peaks) / 1024, 1) if peaks else None


def forget_peak_memory(leader: int) -> None:
    """Let `peak_memory_mib` of this group begin again from what it takes now."""
    for pid in _members(leader):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def cpu_seconds(leader: int) -> float:
    """The processor time that all processes of a group took so far, those excepted that have ended."""
    ticks = 0
    for pid in _members(leader):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _members(leader: int) -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _group_of(int(folder.name)) == leader]


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _field(file: str, name: str) -> str | None:
    try:
        lines = Path(file).read_text().splitlines()
    except OSError:
        return None
    return next(
        (value.strip() for key, _, value in (line.partition(":") for line in lines) if key.strip() == name), None
    )


def _output(*command: str) -> str | None:
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
