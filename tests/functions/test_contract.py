"""Every answer is what the OpenAPI document declares, and the document is valid and complete."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from infra.local.stack.gateway import gateway
from shared.domain.access.principal import Role
from shared.http.app import Api
from tests.support.catalogs import catalog_rows, publish
from tests.support.contract import Contract
from tests.support.order_shop import ITEMS
from tests.support.order_shop import open_shop as order_shop
from tests.support.shops import PRODUCTS, STOCK
from tests.support.tenants import TestClient
from tests.support.users import SignedUp

FUNCTIONS = (
    "analytics",
    "audit",
    "auth",
    "campaigns",
    "dashboard",
    "etl",
    "forecast",
    "inventory",
    "locations",
    "operations",
    "order_planning",
    "products",
    "purchase_orders",
    "recommendations",
    "settings",
    "suppliers",
)
_PUBLIC = {"/auth/token", "/auth/refresh", "/auth/logout"}
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
            public = path in _PUBLIC
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
    "/recommendations",
    "/recommendations?location_id=LONDON&type=REORDER&include_dismissed=true",
    "/campaigns",
    "/campaigns?status=running&page_size=1",
    "/campaigns/1",
    "/campaigns/1/products",
    "/campaigns/1/performance",
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
    "/products?colour=red",
    "/products?page_size=0",
    "/products/nothing",
    "/products/nothing/metrics",
    "/operations/nothing",
    "/clients/nobody",
    "/purchase-orders?status=lost",
    "/purchase-orders/nothing",
    "/audit?subject_id=1",
    "/auth/users/nobody",
    "/recommendations?type=PANIC",
    "/campaigns/nothing",
    "/campaigns/nothing/performance",
    "/forecast/nothing",
    "/forecast/run-1/items/nothing",
    "/forecast/run-1/items/A%2F1/chart?format=gif",
    "/products/nothing/suppliers",
    "/products/A%2F1/suppliers/nobody",
    "/products/nothing/locations",
    "/inventory/stock-levels?status=normal",
    "/dashboard?client_id=other",
    "/order-planning/suggestions?min_risk=2",
    "/analytics/forecast-accuracy?group_by=colour",
    "/analytics/inventory-trends?from_date=2024-06-02&to_date=2024-06-01",
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


def test_suppliers_and_locations(client: TestClient, contract: Contract) -> None:
    supplier = {"supplier_id": "acme", "name": "Acme", "minimum_order_value": 250.5}
    client.stock([PRODUCTS[0]], {})
    for path, given, key in (
        ("/suppliers", supplier, "acme"),
        ("/locations", {"location_id": "LONDON", "name": "London"}, "LONDON"),
    ):
        contract.check("POST", path, client.post(path, json=given))
        contract.check("POST", path, client.post(path, json=given))
        contract.check("GET", path, client.get(f"{path}?page_size=1"))
        contract.check("GET", f"{path}/x", client.get(f"{path}/{key}"))
        contract.check("PUT", f"{path}/x", client.call("PUT", f"{path}/{key}", json={"name": "New"}))
        contract.check("DELETE", f"{path}/x", client.call("DELETE", f"{path}/nothing"))
    conditions = {"file": ("links.csv", f"item_id,supplier_id,supplier_cost\n{PRODUCTS[0].item_id},acme,1\n,,")}
    for mode in ("accept_valid", "all_or_nothing"):
        response = client.post("/product-suppliers/import", files=conditions, data={"mode": mode})
        contract.check("POST", "/product-suppliers/import", response)
    suppliers = {"file": ("suppliers.csv", "supplier_id,name\nacme,Acme\nb,B")}
    contract.check("POST", "/suppliers/import", client.post("/suppliers/import", files=suppliers))
    contract.check("GET", "/suppliers/x", client.get("/suppliers/acme"))
    contract.check("GET", "/suppliers/x/products", client.get("/suppliers/acme/products"))
    for path in ("/suppliers/b", "/locations/LONDON"):
        contract.check("DELETE", path, client.call("DELETE", path))


def test_signing_in_and_out(user: SignedUp, contract: Contract) -> None:
    first = user.sign_in()
    contract.check("POST", "/auth/token", first)
    contract.check("POST", "/auth/token", user.sign_in(password="wrong"))
    second = user.refresh(first.json()["refresh_token"])
    contract.check("POST", "/auth/refresh", second)
    contract.check("POST", "/auth/refresh", user.refresh("garbage"))
    contract.check("POST", "/auth/logout", user.sign_out(second.json()["refresh_token"]))


def test_users_and_the_audit_log(client: TestClient, contract: Contract) -> None:
    body = {"email": f"{client.client_id}@example.org", "role": "CEO", "password": "correct horse battery staple"}
    made = client.post("/auth/users", json=body)
    contract.check("POST", "/auth/users", made)
    contract.check("POST", "/auth/users", client.post("/auth/users", json=body))
    path = f"/auth/users/{made.json()['user_id']}"
    contract.check("GET", path, client.get(path))
    contract.check("PUT", path, client.call("PUT", path, json={"role": "VIEWER"}))
    contract.check("GET", "/auth/users", client.get("/auth/users"))
    contract.check("DELETE", path, client.call("DELETE", path))
    contract.check("GET", "/audit", client.get("/audit"))


def test_conditions_stock_and_batches(open_shop: TestClient, contract: Contract) -> None:
    linked = {"supplier_id": "acme", "supplier_cost": 1.5}
    for _ in range(2):
        response = open_shop.post("/products/A%2F1/suppliers", json=linked)
        contract.check("POST", "/products/x/suppliers", response)
    path = "/products/A%2F1/suppliers/acme"
    contract.check("PUT", path, open_shop.call("PUT", path, json={"moq": 2.5}))
    contract.check("DELETE", path, open_shop.call("DELETE", path))
    kept = open_shop.post("/products/A%2F1/locations", json={"location_id": "ROTTERDAM", "current_stock": 1})
    contract.check("POST", "/products/x/locations", kept)
    stock = {"item_id": "A/1", "location_id": "LONDON", "current_stock": 2, "reason": "counted"}
    contract.check("PUT", "/inventory/stock-levels", open_shop.call("PUT", "/inventory/stock-levels", json=stock))
    updates = [{"item_id": "A/1", "sku": "X"}, {"item_id": "A/1"}, {"item_id": "none"}, {"unit_cost": -1}]
    contract.check("POST", "/products/batch", open_shop.post("/products/batch", json={"updates": updates}))


def test_what_is_dismissed(client: TestClient, contract: Contract) -> None:
    client.stock(PRODUCTS, STOCK)
    client.refresh()
    path, template = "/recommendations/URGENT:A~2F1/dismiss", "/recommendations/x/dismiss"
    contract.check("POST", template, client.post(path, json={"until": "2024-06-30", "reason": "enough"}))
    contract.check("GET", "/recommendations", client.get("/recommendations?include_dismissed=true"))
    contract.check("DELETE", template, client.call("DELETE", path))
    contract.check("DELETE", template, client.call("DELETE", path))
    contract.check("POST", template, client.post("/recommendations/nonsense/dismiss", json={}))


def test_what_is_planned(client: TestClient, contract: Contract) -> None:
    client.stock(PRODUCTS, STOCK)
    client.refresh()
    body = {"name": "Summer", "start_date": "2024-06-01", "end_date": "2024-06-30"}
    made = client.post("/campaigns", json=body | {"item_ids": ["A/1"], "budget": 100, "discount_percent": 5})
    contract.check("POST", "/campaigns", made)
    path = f"/campaigns/{made.json()['campaign_id']}"
    contract.check("GET", "/products/campaign-status", client.get("/products/campaign-status"))
    contract.check("PUT", f"{path}/products", client.call("PUT", f"{path}/products", json={"item_ids": ["b 2"]}))
    contract.check("PUT", f"{path}/products", client.call("PUT", f"{path}/products", json={"item_ids": ["none"]}))
    running = client.call("DELETE", path)
    assert running.status_code == 409
    contract.check("DELETE", path, running)
    contract.check("PUT", path, client.call("PUT", path, json=body | {"end_date": "2024-06-02"}))
    contract.check("GET", f"{path}/performance", client.get(f"{path}/performance"))
    contract.check("DELETE", path, client.call("DELETE", path))


def test_what_is_forecast(client: TestClient, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.tasks.starting.deliver", lambda *_: None)
    publish(client.tenant, catalog_rows({"item_id": "A/1"}))
    for body in ({"item_ids": ["A/1"]}, {"item_ids": ["nothing"]}, {"horizon_days": 0}):
        contract.check("POST", "/forecast", client.post("/forecast", json=body))
    run_id = client.post("/forecast", json={}).json()["id"]
    contract.check("GET", "/forecast/x", client.get(f"/forecast/{run_id}"))
    contract.check("GET", "/forecast", client.get("/forecast"))
    waiting = client.get(f"/forecast/{run_id}/items/A%2F1")
    assert waiting.status_code == 409
    contract.check("GET", "/forecast/x/items/y", waiting)


def test_orders_on_their_way(client: TestClient, contract: Contract) -> None:
    shop = order_shop(client)
    shop.fill_cart(*ITEMS[:3])
    for _ in range(2):
        contract.check("POST", "/purchase-orders/from-cart", shop.from_cart())
    made = shop.create(*ITEMS[:2], unit_price=1)
    contract.check("POST", "/purchase-orders", made)
    made = shop.create(*ITEMS[:2], note="by lorry")
    contract.check("POST", "/purchase-orders", made)
    path = f"/purchase-orders/{made.json()['id']}"
    for to in ("received", "confirmed"):
        contract.check("PUT", f"{path}/status", shop.move(made.json()["id"], to))
    for units in (5, 50):
        contract.check("POST", f"{path}/receipts", shop.receive(made.json()["id"], {ITEMS[0]: units}))
    contract.check("GET", path, client.get(path))
    contract.check("GET", "/purchase-orders", client.get("/purchase-orders?page_size=1"))
