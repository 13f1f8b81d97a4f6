"""Whether a response is what the OpenAPI document says it would be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from shared.http.security_headers import GUARDS

_JSON_TYPES = ("application/json", "application/problem+json")
_HEADERS = ("ETag", "Location", "Retry-After", "WWW-Authenticate", "Content-Disposition")
_UNDECLARED = re.compile(r"/(health|openapi\.json|docs)$|.*/internal/")
_NOT_THERE = (404, 405)


@dataclass(frozen=True)
class Answer:
    """What the document has a say in. `content_type` is None where there is none; of headers, the names."""

    status: int
    content_type: str | None
    body: bytes
    headers: tuple[str, ...]
    unguarded: tuple[str, ...] = ()  # headers that every answer has, and this one lacks
    narrowed: bool = False  # the request named some `fields` of its rows: the others are not missed

    @classmethod
    def of(cls, url: str, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        sent = {name.lower(): value for name, value in headers.items()}
        named = tuple(name for name in _HEADERS if name.lower() in sent)
        narrowed = status < 400 and "fields" in parse_qs(urlsplit(url).query)
        unguarded = tuple(name for name in ("Cache-Control", *GUARDS) if name.lower() not in sent)
        return cls(status, sent.get("content-type"), body, named, unguarded, narrowed)


class Contract:
    """The document, with every object closed: a field that it does not name is a breach."""

    def __init__(self, document: dict[str, Any]) -> None:
        closed = _closed(document)
        self._components: dict[str, Any] = closed["components"]
        self._operations = [
            (re.compile(re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(template))), template, operations)
            for template, operations in sorted(closed["paths"].items(), key=lambda path: path[0].count("{"))
        ]
        self._validators: dict[tuple[str, str, int], Draft202012Validator] = {}
        self._kept: set[tuple[str, str, Answer]] = set()

    def check(self, method: str, path: str, response: requests.Response) -> None:
        """Raises AssertionError naming every difference between the response and its declaration."""
        answer = Answer.of(response.url, response.status_code, response.headers, response.content)
        self.check_answer(method, path, answer)

    def check_answer(self, method: str, path: str, answer: Answer) -> None:
        """As `check`. What the document does not name is not there, but for what is no part of the API."""
        assert not answer.unguarded, f"{method} {path} answers {answer.status} without {', '.join(answer.unguarded)}"
        if method == "OPTIONS":
            assert answer.body == b""
            return
        bare = path.partition("?")[0]
        operation = self._operation("GET" if method == "HEAD" else method, bare)
        if operation is None:
            assert _UNDECLARED.match(bare) or answer.status in _NOT_THERE, (
                f"{method} {bare} is not in the document and answers {answer.status}"
            )
            return
        template, declared = operation
        if (method, template, answer) in self._kept:  # as many an operation that is polled
            return
        response = declared["responses"].get(str(answer.status))
        assert response is not None, f"{method} {template} does not declare a {answer.status}"
        declared_headers = response.get("headers", {})
        needed = {name for name, header in declared_headers.items() if self._is_required(name, header)}
        assert needed <= set(answer.headers) <= set(declared_headers), (
            f"{method} {template} answers {answer.status} with {answer.headers}, "
            f"declared: {list(response.get('headers', ()))}; see @versioned and @makes_several"
        )
        content = response.get("content")
        if content is None:
            assert answer.body == b"", f"{method} {template} declares no content for {answer.status}"
            return
        kind = answer.content_type
        assert kind in content, f"{method} {template} answers {kind}, declared: {list(content)}"
        if method == "HEAD":
            assert answer.body == b""
        elif kind in _JSON_TYPES:
            validator = self._validator(method, template, answer.status, content[kind]["schema"])
            errors = validator.iter_errors(json.loads(answer.body, parse_float=Decimal))
            differences = [
                f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
                for error in errors
                if not (answer.narrowed and error.absolute_path[0] == "items" and _only_lacks_fields(error))
            ]
            assert not differences, f"{method} {template}: {differences}"
        self._kept.add((method, template, answer))

    def _is_required(self, name: str, header: dict[str, Any]) -> bool:
        declared = self._components["headers"][name] if "$ref" in header else header
        return bool(declared.get("required", True))

    def _validator(self, method: str, template: str, status: int, schema: Any) -> Draft202012Validator:
        key = (method, template, status)
        if key not in self._validators:
            self._validators[key] = _Validator({**schema, "components": self._components})
        return self._validators[key]

    def _operation(self, method: str, bare: str) -> tuple[str, dict[str, Any]] | None:
        matching: Iterator[tuple[str, dict[str, Any]]] = (
            (template, operations[method.lower()])
            for pattern, template, operations in self._operations
            if method.lower() in operations and pattern.fullmatch(bare)
        )
        return next(matching, None)


def _decimal_places(_: object, places: int, value: object, __: object) -> Iterator[ValidationError]:
    if isinstance(value, Decimal) and -int(value.as_tuple().exponent) > places:
        yield ValidationError(f"{value} has more than {places} decimal places")


_Validator = extend(Draft202012Validator, {"x-decimal-places": _decimal_places})


def _only_lacks_fields(error: ValidationError) -> bool:
    """Whether nothing is wrong but that fields are missing; of a row of several kinds, by one of them."""
    if error.validator != "oneOf":
        return bool(error.validator == "required")
    by_kind: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        by_kind.setdefault(inner.schema_path[0], []).append(inner)
    return not by_kind or any(all(map(_only_lacks_fields, inners)) for inners in by_kind.values())


@cache
def contract_of(base_url: str) -> Contract:
    """That of the API which is served there."""
    return Contract(requests.get(f"{base_url}/openapi.json", timeout=60).json())


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    if isinstance(closed.get("properties"), dict) and closed.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
