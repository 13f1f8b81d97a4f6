"""Links of the document: which operations take the id that an answer gives, and where in the answer it is.

They follow from paths and answers. `POST /suppliers` answers with a `supplier_id`, so it links to the operations at
`/suppliers/{supplier_id}` and below; `GET /suppliers` links to the same by its first row, and `GET
/suppliers/{supplier_id}` to those that change the version it has returned. A link leads to operations of the same
document only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Operation = dict[str, Any]
Paths = Mapping[str, Mapping[str, Operation]]
_Link = tuple[Operation, dict[str, str]]  # the operation that it leads to, and where its parameters are

_OPERATION = "/operations/{operation_id}"  # what an answer of 202 leads to
_VERSION = {"header.If-Match": "$response.header.ETag"}
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class _Answer:
    """A successful one. `fields` are its own, or its first row's where it is a list; `pointer` leads to them."""

    path: str
    method: str
    status: str
    fields: frozenset[str]
    pointer: str
    versioned: bool

    @property
    def parameters(self) -> frozenset[str]:
        return frozenset(_PARAMETER.findall(self.path))


def add_links(paths: Paths, schemas: Mapping[str, Any]) -> None:
    """Give each successful answer the links that follow from it, named for the operations that they lead to."""
    for path, operations in paths.items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if not status.startswith("2"):
                    continue
                answer = _answer(path, method, status, response, schemas)
                links = {
                    target["operationId"]: {"operationId": target["operationId"], "parameters": parameters}
                    for target, parameters in (*_to_changes(paths, answer), *_below(paths, answer))
                }
                if links:
                    response["links"] = links


def _to_changes(paths: Paths, answer: _Answer) -> Iterator[_Link]:
    """From a resource to what changes it, in the version that was returned."""
    if answer.method != "get" or not answer.versioned:
        return
    same = {f"path.{name}": f"$request.path.{name}" for name in sorted(answer.parameters)}
    for method, target in paths[answer.path].items():
        if method != "get" and _takes_version(target):
            yield target, same | _VERSION


def _below(paths: Paths, answer: _Answer) -> Iterator[_Link]:
    """From what is made, started or listed to what needs one parameter more: the id that the answer gives."""
    for path, targets in paths.items():
        if path.startswith(f"{answer.path}/{{"):
            wanted = set(_PARAMETER.findall(path)) - answer.parameters
        elif answer.status == "202" and path.startswith(_OPERATION):
            wanted = set(_PARAMETER.findall(_OPERATION))
        else:
            continue
        name = wanted.pop()
        field = name if name in answer.fields else "id"
        if wanted or field not in answer.fields:
            continue
        same = {
            f"path.{known}": f"$request.path.{known}"
            for known in _PARAMETER.findall(path)
            if known in answer.parameters
        }
        parameters = same | {f"path.{name}": f"$response.body#{answer.pointer}/{field}"}
        for target in targets.values():
            itself = not answer.pointer and path.endswith("}")
            yield target, parameters | (_VERSION if itself and answer.versioned and _takes_version(target) else {})


def _answer(path: str, method: str, status: str, response: Operation, schemas: Mapping[str, Any]) -> _Answer:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    properties, pointer = _properties(schema, schemas), ""
    if method == "get" and "items" in properties:
        properties, pointer = _properties(properties["items"].get("items", {}), schemas), "/items/0"
    return _Answer(path, method, status, frozenset(properties), pointer, "ETag" in response.get("headers", {}))


def _properties(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """By name; of several kinds those that all of them have."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    kinds = [_properties(kind, schemas) for kind in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]
    if kinds:
        return {name: field for name, field in kinds[0].items() if all(name in kind for kind in kinds)}
    properties: dict[str, Any] = schema.get("properties", {})
    return properties


def _takes_version(operation: Operation) -> bool:
    return any(parameter["name"] == "If-Match" for parameter in operation["parameters"])
