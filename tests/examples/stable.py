"""What differs from run to run, replaced by what does not: ids, times, tokens and passwords."""

from __future__ import annotations

import hashlib
import re
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_MADE_ID = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{8,64}(?![0-9A-Za-z])")
_SECRET = re.compile(r"(^|_)(token|password|secret|key)$")
_AT = "2024-06-03T09:30:00.000Z"
_DAY = _AT[:10]
_DECIMALS = 6  # more may differ by processor


class Stable:
    """Gives every id that the system made a number of its own, by the order in which they come."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def __call__(self, part: Any) -> Any:
        if isinstance(part, dict):
            return {name: self._field(name, child) for name, child in part.items()}
        if isinstance(part, (list, tuple)):
            return [self(child) for child in part]
        if isinstance(part, float):
            return round(part, _DECIMALS)
        return self._text(part) if isinstance(part, str) else part

    def _field(self, name: str, value: Any) -> Any:
        if isinstance(value, str) and _SECRET.search(name):
            return f"the {name.replace('_', ' ')} of the example"
        return _DAY if name == "today" else self(value)  # of a client without a business date the real one

    def _text(self, text: str) -> str:
        return _MADE_ID.sub(lambda found: self._id(found[0]), _TIME.sub(_AT, text))

    def _id(self, made: str) -> str:
        if made.isdigit():
            return made
        known = self._ids.setdefault(made, hashlib.sha256(str(len(self._ids)).encode()).hexdigest())
        return known[: len(made)]
