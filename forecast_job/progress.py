"""Progress of the job: a progress bar on a terminal, structured log lines anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

from shared.telemetry.logs import log

T = TypeVar("T")

_LINE_LENGTH = 200


class JobProgress:
    """Reports to a person when standard error is a terminal, else to Cloud Logging."""

    def __init__(self, interactive: bool | None = None) -> None:
        self._interactive = sys.stderr.isatty() if interactive is None else interactive

    def say(self, message: str, severity: str = "INFO", **fields: object) -> None:
        """One line; `fields` are kept apart from the message in the log."""
        if self._interactive:
            known = "  ".join(f"{name}={value}" for name, value in fields.items())
            tqdm.write(f"{message}  {known}".rstrip(), file=sys.stderr)
        else:
            log(severity, message, error=None, **fields)

    def track(self, steps: Iterable[T], label: str, total: int) -> Iterator[T]:
        """The steps, with a bar on a terminal, else with one line when they are done."""
        if self._interactive:
            yield from tqdm(steps, desc=label, total=total, file=sys.stderr, unit="", leave=False)
            return
        yield from steps
        log("INFO", f"{label}: done", steps=total)


def in_a_line(error: object) -> str:
    """An error's text, shortened to a line."""
    return " ".join((str(error).strip() or type(error).__name__).split())[:_LINE_LENGTH]


def first_line(error: BaseException) -> str:
    """The first line of an error's text: what went wrong, without the request that it happened in."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
