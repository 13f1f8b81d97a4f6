"""Decoding a file in a process of its own, within limits of memory, computing time and disk.

What Excel and Parquet files hold is only known by decoding them, and what a library allocates meanwhile is nobody's
promise. So it happens in a child (decoder.py), which ends by itself where it comes to a limit: the file is refused, and
the worker lives. The child writes batches to disk, where every later pass reads them (docs/adr/0025).

It is started by `subprocess` and not forked: threads of gRPC run in a worker. Nothing of the environment is passed on
to it, so it knows no secret.
"""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from shared.domain.errors import Unavailable
from shared.domain.imports.import_errors import DecodingTooCostly, UnusableFile
from shared.imports.readers.file_reading import FileReading, HeaderFit, SourceLayout
from shared.imports.readers.formats import SourceFormat
from shared.imports.readers.record_source import RecordSource
from shared.imports.spooled_source import read_batches

ANSWER = "answer.json"
OUT_OF_MEMORY = 70  # the exit status of a child that has met its limit in Python
_SAID = "stderr"
_SAID_BYTES = 20_000
_WAITING_S = 5.0
_ROOT = Path(__file__).parents[2]
# How a library ends that gets no memory: Rust by SIGABRT, and what does not look at the answer by SIGSEGV.
_CRASHES = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP)
ENVIRONMENT = {
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    # Each thread has memory of its own, and a worker has two cores.
    "POLARS_MAX_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


class DecoderKilled(Unavailable):
    """The process that decoded the file was ended from outside."""

    code = "decoder_killed"


class DecoderError(Exception):
    """The process that decoded the file failed, and not for what is in the file."""


@dataclass(frozen=True)
class DecodingLimits:
    """What decoding one file may take. Two imports run in one worker (infra/terraform/functions.json) whose disk is its
    memory, so twice the sum of both has to leave some of it free."""

    memory_bytes: int = 1024**3
    disk_bytes: int = 512 * 1024**2
    computing_s: int = 900
    waiting_s: int = 1350  # below the half hour after which a task is asked for again


LIMITS = DecodingLimits()


@dataclass(frozen=True)
class DecodingRequest:
    """What the child is told."""

    path: Path
    folder: Path
    source_format: SourceFormat
    reading: FileReading
    fit: HeaderFit
    limits: DecodingLimits


def decode(
    path: Path,
    source_format: SourceFormat,
    reading: FileReading,
    fit: HeaderFit,
    on_wait: Callable[[], object],
    limits: DecodingLimits | None = None,
) -> RecordSource:
    """The records of the file, in a new folder beside it; `on_wait` is called every few seconds until they are.

    Raises UnusableFile, DecodingTooCostly among them, and DecoderKilled where another attempt may end otherwise.
    """
    folder = Path(mkdtemp(prefix="decoded-", dir=path.parent))
    request = DecodingRequest(path, folder, source_format, reading, fit, limits or LIMITS)
    status = _run(request, on_wait)
    if status:
        raise _failure(status, (folder / _SAID).read_bytes()[-_SAID_BYTES:], request.limits)
    answer = json.loads((folder / ANSWER).read_bytes())
    if "failed" in answer:
        raise DecoderError(answer["failed"])
    if "refused" in answer:
        raise _refusal(answer["refused"], answer["detail"])
    header, batches = tuple(answer["header"]), answer["batches"]
    return RecordSource(
        header,
        lambda: read_batches(folder, batches, header),
        SourceLayout(**answer["layout"]),
        frozenset(answer["typed"]),
        on_disk=True,
    )


def _run(request: DecodingRequest, on_wait: Callable[[], object]) -> int:
    """The exit status of the child; it never outlives this call, nor this process, at whose end its input closes."""
    deadline = time.monotonic() + request.limits.waiting_s
    with (request.folder / _SAID).open("wb") as said:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "shared.imports.decoder"],
            env={**ENVIRONMENT, "PYTHONPATH": str(_ROOT), "TMPDIR": str(request.folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
    try:
        _tell(child, request)
        while True:
            try:
                return child.wait(_WAITING_S)
            except subprocess.TimeoutExpired:
                on_wait()
            if time.monotonic() > deadline:
                raise _too_long(request.limits.waiting_s)
    finally:
        child.kill()
        child.wait()
        if child.stdin is not None:
            child.stdin.close()


def _tell(child: subprocess.Popen[bytes], request: DecodingRequest) -> None:
    assert child.stdin is not None  # noqa: S101
    try:
        pickle.dump(request, child.stdin)
        child.stdin.flush()
    except BrokenPipeError:
        pass  # it has ended; its status says why


def _failure(status: int, said: bytes, limits: DecodingLimits) -> Exception:
    ended_by = -status
    if status == OUT_OF_MEMORY or b"memory allocation of" in said:
        return DecodingTooCostly(
            f"decoding the file takes more than {limits.memory_bytes // 1024**2:,} MiB of memory, which is the most "
            "that a file may take: split it, or save it as CSV"
        )
    if ended_by == signal.SIGXCPU:
        return _too_long(limits.computing_s)
    if ended_by in _CRASHES:
        return DecodingTooCostly(
            "decoding the file ends in a crash: it is damaged, or takes more than "
            f"{limits.memory_bytes // 1024**2:,} MiB of memory, which is the most that a file may take; save it anew, "
            "or as CSV"
        )
    if status < 0:
        return DecoderKilled(f"decoding the file was ended by {signal.Signals(ended_by).name}; it will be tried again")
    return DecoderError(f"the child ended with exit status {status}")


def _too_long(seconds: int) -> DecodingTooCostly:
    return DecodingTooCostly(
        f"decoding the file takes more than {seconds:,} seconds, which is the most that a file may take: split it, or "
        "save it as CSV"
    )


def _refusal(code: str, detail: str) -> UnusableFile:
    return next(kind for kind in _kinds(UnusableFile) if kind.code == code)(detail)


def _kinds(kind: type[Any]) -> list[type[Any]]:
    return [kind, *(below for each in kind.__subclasses__() for below in _kinds(each))]
