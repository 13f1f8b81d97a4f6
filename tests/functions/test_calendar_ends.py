"""Times at the ends of the calendar, and page tokens that hold them: an answer or a refusal, never an error."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from infra.local.stack.gateway import gateway
from tests.support.tenants import TestClient

_DATES = ("0001-01-01", "9999-12-31", "0000-01-01", "2024-02-30")
_TIMES = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "9999-12-31T23:59:59.999999Z",
    "2024-06-03T12:00:00+25:00",
    "2024-06-03T12:00:00",
)
_POSITIONS = ("x", "", "__x__", "0001-01-01", "9999-12-31", *_TIMES, "x" * 1600, "\0", "/", ".")


def _tokens() -> Iterator[str]:
    for value in _POSITIONS:
        for text in (value, f"2\n{value}", f"2\n{value}\nx", f"2\nx\n{value}"):
            yield base64.urlsafe_b64encode(text.encode()).decode()


def _reads() -> Iterator[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    """The address of each read of the document and its query parameters; a path's parameters are X."""
    for path, operations in gateway().document["paths"].items():
        if "get" in operations:
            parameters = operations["get"].get("parameters", [])
            yield (
                re.sub(r"{[^}]+}", "X", path),
                [(parameter["name"], parameter["schema"]) for parameter in parameters if parameter["in"] == "query"],
            )


def _formats(schema: dict[str, Any]) -> set[str]:
    return {part.get("format", "") for part in (schema, *schema.get("anyOf", ()))}


def test_dates_and_times(full_shop: TestClient) -> None:
    tried = 0
    for path, parameters in _reads():
        for name, schema in parameters:
            if _formats(schema) & {"date", "date-time"}:
                for value in (*_DATES, *_TIMES):
                    response = full_shop.get(f"{path}?{name}={quote(value)}")
                    assert response.status_code < 500, (path, name, value, response.text)
                    tried += 1
    assert tried > 50


def test_ranges_at_the_ends(full_shop: TestClient) -> None:
    for path, parameters in _reads():
        names = {name for name, _ in parameters}
        if {"from_date", "to_date"} <= names:
            for day in ("0001-01-01", "9999-12-31"):
                response = full_shop.get(f"{path}?from_date={day}&to_date={day}")
                assert response.status_code < 500, (path, day, response.text)


def test_page_tokens(full_shop: TestClient) -> None:
    paths = [path for path, parameters in _reads() if "page_token" in {name for name, _ in parameters}]
    assert len(paths) > 8
    for path in paths:
        for token in _tokens():
            response = full_shop.get(f"{path}?page_token={quote(token)}")
            assert response.status_code < 500, (path, base64.urlsafe_b64decode(token), response.text)


def test_clients(full_shop: TestClient) -> None:
    signed = {"Authorization": f"Bearer {full_shop.token(platform=True)}"}
    for client_id in ("__x__", ".", "..", "a/b", "x" * 65, "x" * 2000, "%00", "%ED%A0%80", "é"):
        for path in ("/products", "/operations", "/settings"):
            response = full_shop.get(f"{path}?client_id={client_id}", headers=signed)
            assert response.status_code in (404, 422), (path, client_id, response.text)
