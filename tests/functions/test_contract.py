"""Every answer is what the OpenAPI document declares, and the document is valid and complete."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from infra.local.gateway import gateway
from shared.domain.principal import Role
from shared.http.app import Api
from tests.support.contract import Contract
from tests.support.shops import PRODUCTS, STOCK
from tests.support.tenants import TestClient
from tests.support.users import SignedUp

FUNCTIONS = ("auth", "dashboard", "etl", "inventory", "operations", "products", "settings")
_OUTSIDE = {"/health", "/openapi.json", "/static/<path:filename>"}


@pytest.fixture(scope="module")
def document(running: object) -> dict[str, Any]:
    merged: dict[str, Any] = gateway().document
    return merged


@pytest.fixture(scope="module")
def contract(document: dict[str, Any]) -> Contract:
    return Contract(document)


def app_of(function: str) -> Api:
    app: Api = importlib.import_module(f"functions.{function}.main").app
    return app


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_document_is_valid_and_has_every_route(running: object, function: str) -> None:
    app = app_of(function)
    OpenAPIV31SpecValidator(app.api_doc).validate()
    declared = {_template(path) for path in app.api_doc["paths"]}
    routes = {rule.rule for rule in app.url_map.iter_rules()} - _OUTSIDE
    assert {_template(route) for route in routes if "/internal/" not in route} == declared


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_operation_declares_its_errors_and_who_may_call_it(running: object, function: str) -> None:
    for path, operations in app_of(function).api_doc["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert {"400", "401", "403", "404", "409", "412", "413", "415", "422", "429", "500", "503"} <= set(
                operation["responses"]
            )
            public = path.startswith("/auth/")
            assert ("security" not in operation) == public, (method, path)


def test_the_merged_document_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")
    assert not [path for path in document["paths"] if "/internal/" in path]


def _template(path: str) -> str:
    return "/".join("{}" if part[:1] in ("{", "<") else part for part in path.split("/"))


_READS = (
    "/products",
    "/products?location_id=LONDON",
    "/products?status=dead_stock",
    "/products/A%2F1",
    "/products/b%202",
    "/products/dead?days=400",
    "/products/ordered",
    "/products/empty",
    "/products/A%2F1/metrics",
    "/products/gone/metrics",
    "/products/empty/metrics",
    "/dashboard",
    "/dashboard?location_id=DUBLIN",
    "/dashboard?location_id=NOWHERE",
    "/settings",
    "/settings/recommendation-rules",
    "/operations",
    "/operations?page_size=1",
    "/clients",
)
_ERRORS = (
    "/products?colour=red",
    "/products?page_size=0",
    "/products/nothing",
    "/products/nothing/metrics",
    "/operations/nothing",
    "/clients/nobody",
    "/dashboard?client_id=other",
)


@pytest.mark.parametrize("path", _READS)
def test_what_is_read(full_shop: TestClient, contract: Contract, path: str) -> None:
    response = full_shop.get(path)
    assert response.status_code == 200, response.text
    contract.check("GET", path, response)


@pytest.mark.parametrize("path", _ERRORS)
def test_what_is_refused(full_shop: TestClient, contract: Contract, path: str) -> None:
    response = full_shop.get(path)
    assert response.status_code in (403, 404, 422)
    contract.check("GET", path, response)


def test_without_a_token(full_shop: TestClient, contract: Contract) -> None:
    contract.check("GET", "/products", full_shop.get("/products", headers={"Authorization": ""}))


def test_what_is_written(client: TestClient, contract: Contract) -> None:
    client.stock(PRODUCTS, STOCK)
    refresh = client.post("/inventory/metrics/refresh", json={})
    contract.check("POST", "/inventory/metrics/refresh", refresh)
    operation = client.finished(refresh)
    found = client.get(f"/operations/{operation['id']}")
    contract.check("GET", "/operations/x", found)
    contract.check("GET", "/operations", client.get("/operations"))
    cancelled = client.post(f"/operations/{operation['id']}/cancel")
    assert cancelled.status_code == 409
    contract.check("POST", "/operations/x/cancel", cancelled)
    for method, body in (("PATCH", {"category": "Lamps"}), ("PUT", {"product_name": "Lantern"})):
        contract.check(method, "/products/x", client.call(method, "/products/A%2F1", json=body))
    settings = client.call(
        "PUT", "/settings", json={"safety_buffer_days": 3, "notification_webhook": "https://a.example/h"}
    )
    contract.check("PUT", "/settings", settings)
    contract.check("GET", "/settings", client.get("/settings"))
    rules = {"enabled_types": ["URGENT"], "role_rules": {"CEO": ["URGENT"]}}
    contract.check(
        "PUT", "/settings/recommendation-rules", client.call("PUT", "/settings/recommendation-rules", json=rules)
    )
    contract.check("GET", f"/clients/{client.client_id}", client.get(f"/clients/{client.client_id}", role=Role.VIEWER))


def test_signing_in_and_out(user: SignedUp, contract: Contract) -> None:
    first = user.sign_in()
    contract.check("POST", "/auth/token", first)
    contract.check("POST", "/auth/token", user.sign_in(password="wrong"))
    second = user.refresh(first.json()["refresh_token"])
    contract.check("POST", "/auth/refresh", second)
    contract.check("POST", "/auth/refresh", user.refresh("garbage"))
    contract.check("POST", "/auth/logout", user.sign_out(second.json()["refresh_token"]))
