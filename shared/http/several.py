"""Filters that take several values, any of which is meant: `status=a,b` and `status=a&status=b` say the same."""

from __future__ import annotations

from pydantic import BeforeValidator

MAX_VALUES = 50


def _split(values: object) -> object:
    if not isinstance(values, list):
        return values
    parts = [part.strip() if isinstance(part, str) else part for value in values for part in _parts(value)]
    return list(dict.fromkeys(part for part in parts if part != ""))


def _parts(value: object) -> list[object]:
    return [*value.split(",")] if isinstance(value, str) else [value]


SEVERAL = BeforeValidator(_split)
