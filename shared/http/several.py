"""Filters that take several values, any of which is meant: `status=a,b` and `status=a&status=b` say the same."""

from __future__ import annotations

from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

MAX_VALUES = 50


def _split(values: object) -> object:
    if not isinstance(values, list):
        return values
    parts = [part.strip() if isinstance(part, str) else part for value in values for part in _parts(value)]
    if len(parts) > MAX_VALUES:
        return parts  # which is refused for their number, though some may be the same
    return list(dict.fromkeys(part for part in parts if part != "")) or parts[:1]


def _parts(value: object) -> list[object]:
    return [*value.split(",")] if isinstance(value, str) else [value]


class _Several:
    """Splits the values, and says in the document how many there may be: of a list or None pydantic does not."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_split, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        shown = handler(schema)
        for part in (shown, *shown.get("anyOf", ())):
            if part.get("type") == "array":
                part.setdefault("maxItems", MAX_VALUES)
        return shown


SEVERAL = _Several()
