"""The child of decoding.py: `python -m shared.imports.decoder` reads a DecodingRequest from its input, decodes the file
within its limits, and writes batches and an answer into the folder.

Exits with 0 after an answer, be it a refusal or where it has failed.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import sys
import threading
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from shared.domain.imports.import_errors import DecodingTooCostly, UnusableFile
from shared.imports.decoding import ANSWER, OUT_OF_MEMORY, DecodingLimits, DecodingRequest

_ORPHANED = 1
_GRACE_S = 5


def main() -> None:
    """Decode what the request on stdin names."""
    request = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the process that has started this one
    _limit(request.limits)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        answer = _answer(request)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # with nothing more to allocate
    except BaseException as error:  # noqa: BLE001  # a panic of polars is no Exception
        # Without its message, which may quote the file.
        answer = {"failed": f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"}
    (request.folder / ANSWER).write_text(json.dumps(answer), encoding="utf-8")
    os._exit(0)


def _limit(limits: DecodingLimits) -> None:
    """Private memory and not addresses: the pools of polars and of jemalloc reserve far more of those than they use."""
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.computing_s, limits.computing_s + _GRACE_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with_the_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(_ORPHANED)


def _answer(request: DecodingRequest) -> Mapping[str, Any]:
    from shared.imports.readers.formats import read_here
    from shared.imports.spooled_source import write_batches

    limits = request.limits
    try:
        source = read_here(request.path, request.source_format, request.reading, request.fit)
        batches = 0
        for written in write_batches(source.batches(), request.folder):
            batches += 1
            if written > limits.disk_bytes:
                raise DecodingTooCostly(
                    f"the file decodes to more than {limits.disk_bytes // 1024**2:,} MiB, compressed again, which is "
                    "the most that a file may take: leave out columns of long texts, or split it"
                )
    except UnusableFile as error:
        return {"refused": error.code, "detail": error.detail}
    return {
        "header": source.header,
        "layout": asdict(source.layout),
        "typed": sorted(source.typed),
        "batches": batches,
    }


if __name__ == "__main__":
    main()
