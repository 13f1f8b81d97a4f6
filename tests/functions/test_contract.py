"""The document is valid and complete; operations of each kind answer as it declares, which `TestClient.call` checks."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from infra.local.stack.gateway import gateway
from infra.local.stack.process import PROJECT
from shared.domain.access.principal import Role
from shared.http.app import Api
from tests.support.catalogs import catalog_rows, publish
from tests.support.order_shop import ITEMS
from tests.support.order_shop import open_shop as order_shop
from tests.support.shops import PRODUCTS, STOCK
from tests.support.tenants import TestClient
from tests.support.users import SignedUp

_DEPLOYED = json.loads((PROJECT / "infra" / "terraform" / "functions.json").read_text())
FUNCTIONS = sorted(name.replace("-", "_") for name in _DEPLOYED)
_PUBLIC = {"/auth/jwks", "/auth/token", "/auth/refresh", "/auth/logout", "/auth/password-reset"}
_OUTSIDE = {"/health", "/openapi.json"}


@pytest.fixture(scope="module")
def document(running: object) -> dict[str, Any]:
    merged: dict[str, Any] = gateway().document
    return merged


def app_of(function: str) -> Api:
    app: Api = importlib.import_module(f"functions.{function}.main").app
    return app


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_document_is_valid_and_has_every_route(running: object, function: str) -> None:
    app = app_of(function)
    OpenAPIV31SpecValidator(app.document).validate()
    declared = {_template(path) for path in app.document["paths"]}
    routes = {rule.rule for rule in app.url_map.iter_rules()} - _OUTSIDE
    assert {_template(route) for route in routes if "/internal/" not in route} == declared


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_operation_declares_its_errors_and_who_may_call_it(running: object, function: str) -> None:
    for path, operations in app_of(function).document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            declared = {status: response for status, response in operation["responses"].items() if status >= "400"}
            assert {"422", "500", "503"} <= set(declared), (method, path)
            assert "401" in declared or path in _PUBLIC, (method, path)
            assert ("413" in declared) == ("requestBody" in operation), (method, path)
            for response in declared.values():
                assert response["description"].endswith("`."), (method, path)  # it names the codes
            public = path in _PUBLIC
            assert ("security" not in operation) == public, (method, path)


def test_the_merged_document_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")
    assert not [path for path in document["paths"] if "/internal/" in path]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_merging_changes_no_schema(document: dict[str, Any], function: str) -> None:
    """Links to operations of other functions are in the merged document alone."""
    own = app_of(function).document
    ids = {operation["operationId"] for operations in own["paths"].values() for operation in operations.values()}
    for path, operations in own["paths"].items():
        for method, operation in operations.items():
            merged = _with_links_to(ids, document["paths"][path][method])
            assert _resolved(merged, document) == _resolved(operation, own), (method, path)


def _with_links_to(ids: set[str], operation: dict[str, Any]) -> dict[str, Any]:
    """The operation without its links to others than these."""
    responses = {}
    for status, response in operation["responses"].items():
        links = {name: link for name, link in response.get("links", {}).items() if link["operationId"] in ids}
        others = {key: part for key, part in response.items() if key != "links"}
        responses[status] = others | ({"links": links} if links else {})
    return operation | {"responses": responses}


def _resolved(part: Any, document: dict[str, Any]) -> Any:
    """The part with each reference replaced by what it stands for."""
    if isinstance(part, list):
        return [_resolved(child, document) for child in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        _, _, kind, name = part["$ref"].split("/")
        return _resolved({key: child for key, child in part.items() if key != "$ref"}, document) | {
            "$ref": _resolved(document["components"][kind][name], document)
        }
    return {key: _resolved(child, document) for key, child in part.items()}


def test_operations_and_what_generated_clients_make_of_them_have_names(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name) for name in ids)
    assert {"listProducts", "createSupplier", "getForecastRun", "listImportRuns"} <= set(ids)


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
    "/purchase-orders",
    "/purchase-orders?status=confirmed&supplier_id=acme&from_date=2024-05-01",
    "/purchase-orders/1",
    "/order-planning/suggestions",
    "/order-planning/suggestions?location_id=LONDON",
    "/order-planning/cart",
    "/audit",
    "/auth/users",
    "/products/A%2F1/suppliers",
    "/products/A%2F1/suppliers/acme",
    "/products/empty/suppliers",
    "/products/A%2F1/locations",
    "/inventory/stock-levels",
    "/products/campaign-status",
    "/notifications",
    "/recommendations",
    "/recommendations?location_id=LONDON&type=REORDER&include_dismissed=true",
    "/campaigns",
    "/campaigns?status=running&page_size=1",
    "/campaigns/1",
    "/campaigns/1/products",
    "/campaigns/1/performance",
    "/events?max_seconds=0",
    "/forecast",
    "/forecast?page_size=1",
    "/forecast/latest",
    "/forecast/run-1/items/A%2F1",
    "/forecast/run-1/items/A%2F1?location_id=DUBLIN&history_days=7",
    "/analytics/forecast-accuracy?group_by=category",
    "/analytics/inventory-trends?interval=week",
    "/analytics/supplier-performance",
)
_ERRORS = (
    ("/products?colour=red", 422),
    ("/products?page_size=0", 422),
    ("/products/nothing", 404),
    ("/products/nothing/metrics", 404),
    ("/operations/nothing", 404),
    ("/clients/nobody", 404),
    ("/purchase-orders?status=lost", 422),
    ("/purchase-orders/nothing", 404),
    ("/audit?subject_id=1", 422),
    ("/auth/users/nobody", 404),
    ("/recommendations?type=PANIC", 422),
    ("/campaigns/nothing", 404),
    ("/campaigns/nothing/performance", 404),
    ("/forecast/nothing", 404),
    ("/forecast/run-1/items/nothing", 404),
    ("/forecast/run-1/items/A%2F1/chart?format=gif", 422),
    ("/products/nothing/suppliers", 404),
    ("/products/A%2F1/suppliers/nobody", 404),
    ("/products/nothing/locations", 404),
    ("/inventory/stock-levels?status=lost", 422),
    ("/dashboard?client_id=other", 403),
    ("/order-planning/suggestions?min_risk=2", 422),
    ("/analytics/forecast-accuracy?group_by=colour", 422),
    ("/analytics/inventory-trends?from_date=2024-06-02&to_date=2024-06-01", 422),
)


@pytest.mark.parametrize("path", _READS)
def test_what_is_read(full_shop: TestClient, path: str) -> None:
    response = full_shop.get(path)
    assert response.status_code == 200, response.text
    assert response.status_code == 200


@pytest.mark.parametrize(("path", "status"), _ERRORS)
def test_what_is_refused(full_shop: TestClient, path: str, status: int) -> None:
    response = full_shop.get(path)
    assert response.status_code == status, response.text


def test_without_a_token(full_shop: TestClient) -> None:
    assert full_shop.get("/products", headers={"Authorization": ""}).status_code == 401


def test_what_is_written(client: TestClient) -> None:
    client.stock(PRODUCTS, STOCK)
    refresh = client.post("/inventory/metrics/refresh", json={})
    assert refresh.status_code == 202
    operation = client.finished(refresh)
    found = client.get(f"/operations/{operation['id']}")
    assert found.status_code == 200
    assert client.get("/operations").status_code == 200
    cancelled = client.post(f"/operations/{operation['id']}/cancel")
    assert cancelled.status_code == 409
    assert cancelled.status_code == 409
    for method, body in (("PATCH", {"category": "Lamps"}), ("PUT", {"product_name": "Lantern"})):
        assert client.call(method, "/products/A%2F1", json=body).status_code == 200
    targets = {"webhook_url": "https://a.example/h", "secret": "h"}
    settings = client.call("PUT", "/settings", json={"safety_buffer_days": 3, "notifications": targets})
    assert settings.status_code == 200
    assert client.get("/settings").status_code == 200
    rules = {"enabled_types": ["URGENT"], "role_rules": {"CEO": ["URGENT"]}}
    assert client.call("PUT", "/settings/recommendation-rules", json=rules).status_code == 200
    assert client.get(f"/clients/{client.client_id}", role=Role.VIEWER).status_code == 200


def test_suppliers_and_locations(client: TestClient) -> None:
    supplier = {"supplier_id": "acme", "name": "Acme", "minimum_order_value": 250.5}
    client.stock([PRODUCTS[0]], {})
    for path, given, key in (
        ("/suppliers", supplier, "acme"),
        ("/locations", {"location_id": "LONDON", "name": "London"}, "LONDON"),
    ):
        assert client.post(path, json=given).status_code == 201
        assert client.post(path, json=given).status_code == 409
        assert client.get(f"{path}?page_size=1").status_code == 200
        assert client.get(f"{path}/{key}").status_code == 200
        assert client.call("PUT", f"{path}/{key}", json={"name": "New"}).status_code == 200
        assert client.call("DELETE", f"{path}/nothing").status_code == 404
    conditions = {"file": ("links.csv", f"item_id,supplier_id,supplier_cost\n{PRODUCTS[0].item_id},acme,1\n,b,")}
    for mode, status in (("accept_valid", 200), ("all_or_nothing", 422)):
        response = client.post("/product-suppliers/import", files=conditions, data={"mode": mode})
        assert response.status_code == status
    suppliers = {"file": ("suppliers.csv", "supplier_id,name\nacme,Acme\nb,B")}
    assert client.post("/suppliers/import", files=suppliers).status_code == 200
    assert client.get("/suppliers/acme").status_code == 200
    assert client.get("/suppliers/acme/products").status_code == 200
    for path in ("/suppliers/b", "/locations/LONDON"):
        assert client.call("DELETE", path).status_code == 204


def test_signing_in_and_out(user: SignedUp) -> None:
    first = user.sign_in()
    assert first.status_code == 200
    assert user.sign_in(password="wrong").status_code == 401
    second = user.refresh(first.json()["refresh_token"])
    assert second.status_code == 200
    assert user.refresh("garbage").status_code == 401
    assert user.sign_out(second.json()["refresh_token"]).status_code == 204


def test_users_and_the_audit_log(client: TestClient) -> None:
    body = {"email": f"{client.client_id}@example.org", "role": "CEO", "password": "correct horse battery staple"}
    made = client.post("/auth/users", json=body)
    assert made.status_code == 201
    assert client.post("/auth/users", json=body).status_code == 409
    path = f"/auth/users/{made.json()['user_id']}"
    assert client.get(path).status_code == 200
    assert client.call("PUT", path, json={"role": "VIEWER"}).status_code == 200
    assert client.get("/auth/users").status_code == 200
    assert client.call("DELETE", path).status_code == 204
    assert client.get("/audit").status_code == 200


def test_conditions_stock_and_batches(open_shop: TestClient) -> None:
    linked = {"supplier_id": "acme", "supplier_cost": 1.5}
    for status in (201, 409):
        assert open_shop.post("/products/A%2F1/suppliers", json=linked).status_code == status
    path = "/products/A%2F1/suppliers/acme"
    assert open_shop.call("PUT", path, json={"moq": 2.5}).status_code == 200
    assert open_shop.call("DELETE", path).status_code == 204
    kept = open_shop.post("/products/A%2F1/locations", json={"location_id": "ROTTERDAM", "current_stock": 1})
    assert kept.status_code == 201
    stock = {"item_id": "A/1", "location_id": "LONDON", "current_stock": 2, "reason": "counted"}
    assert open_shop.call("PUT", "/inventory/stock-levels", json=stock).status_code == 200
    updates = [{"item_id": "A/1", "sku": "X"}, {"item_id": "A/1"}, {"item_id": "none"}, {"unit_cost": -1}]
    assert open_shop.post("/products/batch", json={"updates": updates}).status_code == 200


def test_what_is_dismissed(client: TestClient) -> None:
    client.stock(PRODUCTS, STOCK)
    client.refresh()
    path = "/recommendations/URGENT:A~2F1/dismiss"
    assert client.post(path, json={"until": "2024-06-30", "reason": "enough"}).status_code == 200
    assert client.get("/recommendations?include_dismissed=true").status_code == 200
    assert client.call("DELETE", path).status_code == 204
    assert client.call("DELETE", path).status_code == 404
    assert client.post("/recommendations/nonsense/dismiss", json={}).status_code == 404


def test_what_is_planned(client: TestClient) -> None:
    client.stock(PRODUCTS, STOCK)
    client.refresh()
    body = {"name": "Summer", "start_date": "2024-06-01", "end_date": "2024-06-30"}
    made = client.post("/campaigns", json=body | {"products": [{"item_id": "A/1", "discount": 5}], "budget": 100})
    assert made.status_code == 201
    path = f"/campaigns/{made.json()['campaign_id']}"
    assert client.get("/products/campaign-status").status_code == 200
    assert client.call("PUT", f"{path}/products", json={"products": [{"item_id": "b 2"}]}).status_code == 200
    assert client.call("PUT", f"{path}/products", json={"products": [{"item_id": "none"}]}).status_code == 422
    running = client.call("DELETE", path)
    assert running.status_code == 409
    assert running.status_code == 409
    assert client.call("PUT", path, json=body | {"end_date": "2024-06-02"}).status_code == 200
    assert client.get(f"{path}/performance").status_code == 200
    assert client.call("DELETE", path).status_code == 204


def test_what_is_forecast(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.tasks.starting.deliver", lambda *_: None)
    publish(client.tenant, catalog_rows({"item_id": "A/1"}))
    for body, status in (({"item_ids": ["A/1"]}, 202), ({"item_ids": ["nothing"]}, 422), ({"horizon_days": 0}, 422)):
        assert client.post("/forecast", json=body).status_code == status
    run_id = client.post("/forecast", json={}).json()["id"]
    assert client.get(f"/forecast/{run_id}").status_code == 200
    assert client.get("/forecast").status_code == 200
    waiting = client.get(f"/forecast/{run_id}/items/A%2F1")
    assert waiting.status_code == 409
    assert waiting.status_code == 409


def test_orders_on_their_way(client: TestClient) -> None:
    shop = order_shop(client)
    shop.fill_cart(*ITEMS[:3])
    for status in (201, 409):
        assert shop.from_cart().status_code == status
    made = shop.create(*ITEMS[:2], unit_cost=1)
    assert made.status_code == 422
    made = shop.create(*ITEMS[:2], notes="by lorry")
    assert made.status_code == 201
    path = f"/purchase-orders/{made.json()['id']}"
    for to, status in (("received", 409), ("confirmed", 200)):
        assert shop.move(made.json()["id"], to).status_code == status
    for units, status in ((5, 201), (50, 422)):
        assert shop.receive(made.json()["id"], {ITEMS[0]: units}).status_code == status
    assert client.get(path).status_code == 200
    assert client.get("/purchase-orders?page_size=1").status_code == 200
