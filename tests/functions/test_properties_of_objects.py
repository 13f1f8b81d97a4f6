"""No answer has a field that is nobody's to read, and no body one that is nobody's to write (OWASP API3:2023, broken
object property level authorization): of every schema and every operation of the document."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from shared.domain.access.principal import Role
from tests.support.operations import document, operations
from tests.support.tenants import TestClient

# What a token, the database or the platform decides, whatever a caller sends.
_NOT_THE_CALLERS = (
    "client_id",
    "platform",
    "password_hash",
    "session_generation",
    "created_at",
    "updated_at",
    "created_by",
    "is_synced",
    "version",
)
_SECRET = re.compile(r"hash|pepper|private|signing|session_generation|known_sources|secret_key|password(?!_reset)")
# A one-time token, a key and a session are given once, to whom they are made for.
_GIVEN_ONCE = {"access_token", "refresh_token", "token", "invitation"}


def _schema(reference: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = document()["components"]["schemas"]
    return schemas[reference["$ref"].rsplit("/", 1)[1]] if "$ref" in reference else reference


def _json_body(operation: dict[str, Any]) -> dict[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else _schema(content["schema"])


def test_no_answer_shows_what_is_kept_of_a_secret() -> None:
    answers = {
        name
        for _, _, operation in operations()
        for response in operation["responses"].values()
        for name in re.findall(r"schemas/(\w+)", json.dumps(response))
    }
    seen: set[str] = set()
    while answers - seen:  # what answers are made of
        name = (answers - seen).pop()
        seen.add(name)
        schema = document()["components"]["schemas"][name]
        answers.update(re.findall(r"schemas/(\w+)", json.dumps(schema)))
        shown = [field for field in schema.get("properties", {}) if _SECRET.search(field)]
        assert shown == [], f"{name} shows {shown}"
    assert len(seen) > 100


def test_a_token_is_shown_by_what_makes_it_alone() -> None:
    showing = {
        f"{method} {path}"
        for method, path, operation in operations()
        for response in operation["responses"].values()
        for name in re.findall(r"schemas/(\w+)", json.dumps(response))
        if _GIVEN_ONCE & set(document()["components"]["schemas"][name].get("properties", {}))
    }
    assert showing == {
        "post /auth/token",
        "post /auth/refresh",
        "put /auth/password",
        "post /auth/users",
        "post /auth/users/{user_id}/password-reset",
        "post /auth/service-tokens",
    }


_WITH_BODY = [
    (method, path)
    for method, path, operation in operations()
    if _json_body(operation) is not None and (method, path) != ("post", "/clients")  # the platform's alone
]


@pytest.mark.parametrize(("method", "path"), _WITH_BODY)
def test_a_field_that_is_not_the_callers_to_write_is_refused_by_name(
    client: TestClient, method: str, path: str
) -> None:
    operation = document()["paths"][path][method]
    example = operation["requestBody"]["content"]["application/json"].get("example", {})
    schema = _json_body(operation)
    assert schema is not None
    added = [name for name in _NOT_THE_CALLERS if name not in schema.get("properties", {})]
    body = example | dict.fromkeys(added, "x")
    address = re.sub(r"\{kind\}", "products", path)
    answer = client.call(method.upper(), re.sub(r"\{\w+\}", "x", address), json=body)
    assert answer.status_code == 422, answer.text[:300]
    told = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert {f"/{name}": told.get(f"/{name}") for name in added} == {f"/{name}": "extra_forbidden" for name in added}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PROCUREMENT])
def test_nobody_raises_themselves(client: TestClient, role: Role) -> None:
    for body in ({"role": "ADMIN"}, {"name": "x", "platform": True}, {"client_id": "demo"}, {"status": "active"}):
        answer = client.call("PUT", "/auth/me", role=role, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "extra_forbidden")
    assert client.call("PUT", "/auth/users/x", role=role, json={"role": "ADMIN"}).status_code == 403
    assert client.call("PUT", f"/clients/{client.client_id}", json={"status": "suspended"}).status_code == 403
