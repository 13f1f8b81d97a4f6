"""Every operation has an example, which is what it answers now and what its schemas allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from infra.local.stack.gateway import gateway
from shared.http.document.examples import EXAMPLES, recorded
from tests.examples.recorder import text
from tests.examples.recording import record
from tests.support.running import Running

_JSON = "application/json"


@pytest.fixture(scope="module")
def operations() -> dict[str, dict[str, Any]]:
    paths = gateway().document["paths"]
    return {operation["operationId"]: operation for methods in paths.values() for operation in methods.values()}


@pytest.fixture(scope="module")
def components() -> dict[str, Any]:
    found: dict[str, Any] = gateway().document["components"]
    return found


def test_the_examples_are_what_the_operations_answer(running: Running) -> None:
    assert text(record(running)) == EXAMPLES.read_text(), "run `python -m tests.examples` and check in what it changes"


def test_every_operation_has_one(operations: dict[str, Any]) -> None:
    assert recorded().keys() == operations.keys()


def test_they_are_what_the_schemas_allow(operations: dict[str, Any], components: dict[str, Any]) -> None:
    for name, operation in operations.items():
        for schema, value in _values(operation, recorded()[name]):
            errors = Draft202012Validator({**schema, "components": components}).iter_errors(value)
            assert [error.message for error in errors] == [], name


def test_the_document_shows_them(operations: dict[str, Any]) -> None:
    order = operations["createPurchaseOrder"]
    example = recorded()["createPurchaseOrder"]
    assert order["requestBody"]["content"][_JSON]["example"] == example["body"]
    assert order["responses"]["201"]["content"][_JSON]["example"] == example["answer"]
    listed = {parameter["name"]: parameter.get("example") for parameter in operations["listProducts"]["parameters"]}
    assert listed["category"] == recorded()["listProducts"]["query"]["category"]


def test_they_hold_no_secret() -> None:
    written = EXAMPLES.read_text()
    assert "correct horse" not in written
    assert "eyJ" not in written  # as every JWT begins


def _values(operation: dict[str, Any], example: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each schema with the value that it has to allow."""
    for parameter in operation["parameters"]:
        given = example.get(parameter["in"], {})
        if parameter["name"] in given:
            yield parameter["schema"], given[parameter["name"]]
    content = operation.get("requestBody", {}).get("content", {})
    if "body" in example:
        yield content[_JSON]["schema"], example["body"]
    if "answer" in example:
        answered = next(response for status, response in operation["responses"].items() if status < "300")
        yield answered["content"][_JSON]["schema"], example["answer"]
