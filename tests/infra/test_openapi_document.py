"""The checked-in document is that of the code, and tells a reader what every field is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.stack.gateway import gateway
from infra.openapi_document import DOCUMENT, text
from shared.http.document.field_descriptions import FIELDS


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    merged: dict[str, Any] = gateway().document
    return merged


def test_the_checked_in_document_is_that_of_the_code() -> None:
    assert DOCUMENT.read_text() == text(), "run `make client` and check in what it changes"


def test_every_field_is_described(document: dict[str, Any]) -> None:
    undescribed = sorted({where for where, field in _fields(document) if not field.get("description")})
    assert undescribed == []


def test_every_meaning_is_that_of_a_field_which_says_no_more_itself(document: dict[str, Any]) -> None:
    described = [(where.rpartition(".")[2], field.get("description", "")) for where, field in _fields(document)]
    unused = {
        name
        for name, meaning in FIELDS.items()
        if not any(field == name.rpartition(".")[2] and text.startswith(meaning) for field, text in described)
    }
    assert unused == set()


def test_an_object_says_what_its_fields_are(document: dict[str, Any]) -> None:
    assert [where for where, field in _fields(document) if _is_free(field)] == []


def _fields(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each parameter, header and field of a component, `Component.field`."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                yield f"{operation['operationId']}.{parameter['name']}", parameter
    for name, header in document["components"]["headers"].items():
        yield f"headers.{name}", header
    for component, schema in document["components"]["schemas"].items():
        for name, field in schema.get("properties", {}).items():
            yield f"{component}.{name}", field


def _is_free(schema: Any) -> bool:
    """Whether anything at all may stand there, or any object."""
    if isinstance(schema, list):
        return any(map(_is_free, schema))
    if not isinstance(schema, dict):
        return False
    known = {"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const", "schema"}
    free = known.isdisjoint(schema.keys()) or schema.get("additionalProperties") is True
    return free or any(_is_free(schema[key]) for key in ("anyOf", "oneOf", "allOf", "items") if key in schema)
