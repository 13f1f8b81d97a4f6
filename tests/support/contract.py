"""Whether a response is what the OpenAPI document says it would be."""

from __future__ import annotations

import copy
import json
import re
from decimal import Decimal
from typing import Any

import requests
from jsonschema import Draft202012Validator

_JSON_TYPES = ("application/json", "application/problem+json")


class Contract:
    """The document, with every object closed: a field that it does not name is a breach."""

    def __init__(self, document: dict[str, Any]) -> None:
        exact = json.loads(json.dumps(document), parse_float=Decimal)  # 19.99 is a multiple of 0.01, as decimals
        self._document = _closed(copy.deepcopy(exact))

    def check(self, method: str, path: str, response: requests.Response) -> None:
        """Raises AssertionError naming every difference between the response and its declaration."""
        template, operation = self._operation(method, path)
        declared = operation["responses"].get(str(response.status_code))
        assert declared is not None, f"{method} {template} does not declare a {response.status_code}"
        content = declared.get("content")
        if content is None:
            assert response.content == b"", f"{method} {template} declares no content for {response.status_code}"
            return
        kind = response.headers["Content-Type"]
        assert kind in content, f"{method} {template} answers {kind}, declared: {list(content)}"
        assert kind in _JSON_TYPES
        schema = {**content[kind]["schema"], "components": self._document["components"]}
        errors = Draft202012Validator(schema).iter_errors(json.loads(response.text, parse_float=Decimal))
        found = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in errors]
        assert not found, f"{method} {template}: {found}"

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        bare = path.partition("?")[0]
        matching = [
            (template, operations[method.lower()])
            for template, operations in self._document["paths"].items()
            if re.fullmatch(re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(template)), bare) and method.lower() in operations
        ]
        assert matching, f"{method} {bare} is not in the document"
        return min(matching, key=lambda found: found[0].count("{"))


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(one) for name, one in schema.items()}
    if isinstance(closed.get("properties"), dict) and closed.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
