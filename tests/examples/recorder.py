"""Requests by operation id, each kept with its answer as the example of its operation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

from shared.domain.access.principal import Role
from tests.examples.stable import Stable
from tests.support.tenants import TestClient

_LONGEST_LIST = 3  # of an example: a person reads it

File = tuple[str, str]  # name, content


@dataclass
class Recorder:
    """Calls the API as a user of the client; an operation's first answer is its example, unless `keep` is false."""

    client: TestClient
    document: Mapping[str, Any]
    examples: dict[str, dict[str, Any]] = field(default_factory=dict)
    stable: Stable = field(default_factory=Stable)

    def __post_init__(self) -> None:
        self._operations = {
            operation["operationId"]: (method.upper(), path)
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items()
        }

    def __call__(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, str | File] | None = None,
        role: Role | None = None,
        headers: Mapping[str, str] | None = None,
        keep: bool = True,
    ) -> Any:
        """The answer's JSON, or the response itself where that is a file or nothing."""
        method, template = self._operations[operation_id]
        address = template
        for name, value in (path or {}).items():
            address = address.replace(f"{{{name}}}", quote(value, safe=""))
        sent = {name: value for name, value in (form or {}).items() if isinstance(value, str)}
        files = {name: value for name, value in (form or {}).items() if not isinstance(value, str)}
        response = self.client.call(
            method, address, params=query, json=body, data=sent or None, files=files or None, role=role, headers=headers
        )
        assert response.ok, f"{operation_id}: {response.status_code} {response.text}"
        answer = _json(response)
        if keep and operation_id not in self.examples:
            example = {"path": path, "query": query, "body": body, "form": _form(form), "answer": answer}
            self.examples[operation_id] = {
                name: self.stable(_shortened(part)) for name, part in example.items() if part is not None
            }
        return response if answer is None else answer


def _json(response: requests.Response) -> Any:
    return response.json() if "json" in response.headers.get("Content-Type", "") else None


def _form(form: Mapping[str, str | File] | None) -> dict[str, str] | None:
    if form is None:
        return None
    return {name: value if isinstance(value, str) else value[1] for name, value in form.items()}


def _shortened(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {name: _shortened(child) for name, child in part.items()}
    if isinstance(part, list):
        return [_shortened(child) for child in part[:_LONGEST_LIST]]
    return part


def text(examples: Mapping[str, Any]) -> str:
    """The examples as they are checked in."""
    return json.dumps(examples, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
