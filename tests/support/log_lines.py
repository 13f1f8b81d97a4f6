"""What the code of this process writes to its log, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.tenants import eventually

Line = dict[str, Any]


class Lines:
    """The lines that were written since `watched` began, those of the API's threads too."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, line: str) -> None:
        self.text += line

    def all(self) -> list[Line]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, message: str, **fields: Any) -> list[Line]:
        """Those with this message and these fields."""
        return [line for line in self.all() if line | fields | {"message": message} == line]

    def awaited(self, message: str, **fields: Any) -> Line:
        """The first of them, once it is there: a task's, which comes later than the answer to its cause."""
        line: Line = eventually(lambda: next(iter(self.of(message, **fields)), None), f"a line {message} {fields}")
        return line


@contextmanager
def watched() -> Iterator[Lines]:
    with pytest.MonkeyPatch.context() as patch:
        lines = Lines()
        patch.setattr("shared.telemetry.logs._write", lines.write)
        yield lines
