"""Every number, text and list of every request is bounded: the document says by how much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.stack.gateway import gateway

Schema = dict[str, Any]
_BOUNDED_FORMATS = {"date", "date-time", "binary"}


@pytest.fixture(scope="module")
def document(running: object) -> dict[str, Any]:
    merged: dict[str, Any] = gateway().document
    return merged


def test_every_value_of_a_request_is_bounded(document: dict[str, Any]) -> None:
    unbounded = sorted(
        {
            f"{method.upper()} {path}: {where}"
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            for name, schema in _requested(operation)
            for where in _unbounded(document, schema, name, ())
        }
    )
    assert unbounded == []


def _requested(operation: Schema) -> Iterator[tuple[str, Schema]]:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "header":  # the server bounds headers
            yield f"{parameter['in']} {parameter['name']}", parameter["schema"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield "body", content["schema"]


def _unbounded(document: Schema, schema: Schema, where: str, above: tuple[str, ...]) -> Iterator[str]:
    """The places in a schema that have no bound; `above` are the components that lead there."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in above:
            yield from _unbounded(document, document["components"]["schemas"][name], where, (*above, name))
        return
    for key in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(key, ()):
            yield from _unbounded(document, branch, where, above)
    kind = schema.get("type")
    if "enum" in schema or "const" in schema:
        return
    if kind == "string" and "maxLength" not in schema and schema.get("format") not in _BOUNDED_FORMATS:
        yield f"{where} has no maxLength"
    if kind in ("integer", "number"):
        if not {"minimum", "exclusiveMinimum"} & schema.keys():
            yield f"{where} has no minimum"
        if not {"maximum", "exclusiveMaximum"} & schema.keys():
            yield f"{where} has no maximum"
    if kind == "array":
        if "maxItems" not in schema:
            yield f"{where} has no maxItems"
        yield from _unbounded(document, schema.get("items", {}), f"{where}[]", above)
    if kind == "object":
        for name, part in schema.get("properties", {}).items():
            yield from _unbounded(document, part, f"{where}.{name}", above)
        others = schema.get("additionalProperties")
        if isinstance(others, dict):
            named = schema.get("propertyNames", {})
            if "maxProperties" not in schema and "enum" not in named and "$ref" not in named:
                yield f"{where} has no maxProperties"
            yield from _unbounded(document, others, f"{where}.*", above)
