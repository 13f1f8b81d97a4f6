"""What an answer says is done, the next request shows: every write of the document, and the views that it touches."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.local.stack.gateway import gateway
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient, eventually

# Signing in and what belongs to it, and what the chat does, have tests of their own, with the request that follows.
_ELSEWHERE = ("/auth/", "/clients", "/notifications", "/chat")


@cache
def operation_ids() -> dict[tuple[str, str], str]:
    """The id of every operation, by method and path."""
    return {
        (method, path): operation["operationId"]
        for path, operations in gateway().document["paths"].items()
        for method, operation in operations.items()
    }


@dataclass
class Shop:
    """A client whose every state came over HTTP, and the operations that have been called."""

    client: TestClient
    called: set[str] = field(default_factory=set)

    def do(self, method: str, template: str, *values: str, **sent: Any) -> Any:
        """Call an operation of the document; returns its JSON, or None where it gives none."""
        self.called.add(operation_ids()[method.lower(), template])
        path = template
        for value in values:
            start, end = path.index("{"), path.index("}")
            path = path[:start] + value.replace("/", "%2F") + path[end + 1 :]
        response = self.client.call(method, path, **sent)
        assert response.status_code < 300, response.text
        return response.json() if response.content else None

    def imported(self, kind: str, text: str) -> None:
        self.called.add(operation_ids()["post", "/etl/import"])
        operation = self.client.finished(
            self.client.post("/etl/import", files={"file": (f"{kind}.csv", text)}, data={"kind": kind})
        )
        assert operation["status"] == "succeeded", operation

    def see(self, path: str) -> Any:
        """What a view answers."""
        response = self.client.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    def items(self, path: str) -> list[Any]:
        items: list[Any] = self.see(path)["items"]
        return items

    def row(self, item_id: str) -> dict[str, Any]:
        """The item's row of the product list."""
        (row,) = (row for row in self.items(f"/products?search={item_id}") if row["item_id"] == item_id)
        return dict(row)

    def suggested(self) -> dict[str, Any]:
        """The lines of the suggestions, by item."""
        groups = self.see("/order-planning/suggestions?page_size=200")["groups"]
        return {line["item_id"]: line for group in groups for line in group["lines"]}

    def recommended(self) -> set[str]:
        return {each["id"] for each in self.items("/recommendations?page_size=200&role=PROCUREMENT")}

    def cart(self) -> dict[str, float]:
        groups = self.see("/order-planning/cart")["groups"]
        return {line["item_id"]: line["quantity"] for group in groups for line in group["lines"]}

    def campaigns(self) -> dict[str, str]:
        """The campaign of each product that is in one, running or planned."""
        rows = self.items("/products/campaign-status")
        return {row["item_id"]: row["campaign"]["campaign_id"] for row in rows if row["campaign"]}


@pytest.fixture(scope="module")
def shop(running: Running) -> Iterator[Shop]:
    shop = Shop(TestClient(running.base_url).create())
    shop.do("POST", "/locations", json={"location_id": "LONDON", "name": "London", "is_default": True})
    shop.imported(
        "products", "item_id,product_name,category,unit_cost\nTEA,Tea,Food,2\nMUG,Mug,Kitchen,4\nHAT,Hat,,9\n"
    )
    shop.imported("stock-levels", "item_id,location_id,current_stock\nTEA,LONDON,10\nMUG,LONDON,500\nHAT,LONDON,3\n")
    days = [TODAY - dt.timedelta(days) for days in range(2, 32)]
    sales = "".join(f"{item},LONDON,{day},{units}\n" for day in days for item, units in (("TEA", 3), ("MUG", 1)))
    shop.imported("sales-history", f"item_id,location_id,date_local,units_sold\n{sales}")
    yield shop
    writes = {
        operation_id
        for (method, path), operation_id in operation_ids().items()
        if method != "get" and not path.startswith(_ELSEWHERE)
    }
    missing = writes - shop.called
    assert not missing, f"no test writes by {sorted(missing)} and reads what follows"


def test_imports(shop: Shop) -> None:
    assert shop.see("/dashboard")["metrics"]["total_skus"] == 3
    tea = shop.row("TEA")
    assert (tea["current_stock"], tea["inventory_value"], tea["status"]) == (10, 20, "understocked")
    assert shop.see("/products/TEA/metrics")["forecasted_demand_30d"] > 60
    assert {run["kind"] for run in shop.items("/etl/runs")} == {
        f"etl_import.{kind}" for kind in ("products", "stock-levels", "sales-history")
    }
    assert shop.see("/products/TEA")["demand_history"]


def test_sources(shop: Shop, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "erp.db") as database:
        database.execute("CREATE TABLE items (code TEXT, name TEXT)")
        database.execute("INSERT INTO items VALUES ('PEN', 'Pen')")
    database.close()
    entities = {"products": {"table": "items", "mapping": {"item_id": "code", "product_name": "name"}}}
    source = {"kind": "sql", "url": f"sqlite:///{tmp_path / 'erp.db'}", "entities": entities}
    shop.do("PUT", "/etl/sources/{source_id}", "erp", json=source)
    assert [each["source_id"] for each in shop.items("/etl/sources")] == ["erp"]
    assert shop.do("POST", "/etl/sources/{source_id}/test", "erp")["ok"] is True
    shop.called.add("startSync")
    started = shop.client.finished(shop.client.post("/etl/sync/products", json={}))
    assert shop.row("PEN")["product_name"] == "Pen"
    assert shop.see("/etl/sources/erp")["entities"]["products"]["last_run"]["run_id"] == started["id"]
    shop.do("DELETE", "/etl/sources/{source_id}", "erp")
    assert shop.items("/etl/sources") == []


def test_mappings(shop: Shop) -> None:
    path = "/etl/mappings/{kind}"
    shop.do("PUT", path, "stock-levels", json={"mapping": {"item_id": "Where"}, "default_location_id": "LONDON"})
    assert shop.do("PUT", path, "stock-levels", json={"mapping": {}})["default_location_id"] is None
    assert [each["kind"] for each in shop.items("/etl/mappings")] == ["stock-levels"]
    assert shop.see("/etl/mappings/stock-levels")["mapping"] == {}
    shop.do("DELETE", path, "stock-levels")
    assert shop.items("/etl/mappings") == []


def test_products(shop: Shop) -> None:
    shop.do("PATCH", "/products/{item_id}", "TEA", json={"category": "Drinks", "unit_cost": 3})
    assert (shop.row("TEA")["category"], shop.row("TEA")["inventory_value"]) == ("Drinks", 30)
    assert shop.items("/products?category=drinks")
    assert {each["category"] for each in shop.see("/products/categories")["items"]} == {
        "Drinks",
        "Kitchen",
        "Uncategorized",
    }
    assert shop.see("/dashboard")["metrics"]["total_inventory_value"] == 30 + 2000 + 27
    shop.do("PUT", "/products/{item_id}", "HAT", json={"product_name": "Grey hat", "unit_cost": 9, "strategic": True})
    assert shop.see("/products/HAT")["strategic"] is True
    assert shop.row("HAT")["product_name"] == "Grey hat"
    shop.do("POST", "/products/batch", json={"updates": [{"item_id": "MUG", "product_name": "Blue mug"}]})
    assert shop.row("MUG")["product_name"] == "Blue mug"


def test_planning_of_a_product(shop: Shop) -> None:
    before = shop.suggested()
    assert "TEA" in before
    assert "MUG" not in before
    blocked = {"do_not_order": True, "reason": "Discontinued"}
    shop.do("PATCH", "/products/{item_id}", "TEA", json={"planning": blocked})
    assert "TEA" not in shop.suggested()
    assert shop.see("/products/TEA")["planning"]["reason"] == "Discontinued"
    planned = {"item_id": "MUG", "planning": {"min_stock": 600}}
    shop.do("POST", "/products/batch", json={"updates": [planned, {"item_id": "TEA", "planning": None}]})
    assert shop.suggested()["MUG"]["quantity"] == 100
    assert shop.suggested()["TEA"]["quantity"] == before["TEA"]["quantity"]
    shop.do("PATCH", "/products/{item_id}", "TEA", json={"planning": {"service_level": 0.5, "max_stock": 1000}})
    assert shop.suggested()["TEA"]["quantity"] < before["TEA"]["quantity"]
    for item_id in ("TEA", "MUG"):
        shop.do("PATCH", "/products/{item_id}", item_id, json={"planning": None})
    assert shop.suggested() == before


def test_locations_and_stock(shop: Shop) -> None:
    shop.do("POST", "/locations", json={"location_id": "DUBLIN", "name": "Dublin"})
    shop.do("PUT", "/locations/{location_id}", "DUBLIN", json={"name": "Dublin 2", "city": "Dublin"})
    assert {each["name"] for each in shop.items("/locations")} == {"London", "Dublin 2"}
    shop.do("POST", "/products/{item_id}/locations", "TEA", json={"location_id": "DUBLIN", "current_stock": 4})
    assert shop.row("TEA")["current_stock"] == 14
    assert [row["item_id"] for row in shop.items("/products?location_id=DUBLIN")] == ["TEA"]
    body = {"item_id": "TEA", "from_location_id": "DUBLIN", "to_location_id": "LONDON", "quantity": 1}
    shop.do("POST", "/inventory/transfers", json=body)
    stock = {row["location_id"]: row["current_stock"] for row in shop.items("/inventory/stock-levels?item_id=TEA")}
    assert (stock, shop.row("TEA")["current_stock"]) == ({"DUBLIN": 3, "LONDON": 11}, 14)
    assert [moved["quantity"] for moved in shop.items("/inventory/transfers?location_id=LONDON")] == [1]
    shop.do("POST", "/inventory/transfers", json=body | {"from_location_id": "LONDON", "to_location_id": "DUBLIN"})
    body = {"item_id": "TEA", "location_id": "DUBLIN", "current_stock": 0, "expected_stock": 4, "reason": "broken"}
    shop.do("PUT", "/inventory/stock-levels", json=body)
    assert shop.row("TEA")["current_stock"] == 10
    assert [row["current_stock"] for row in shop.items("/inventory/stock-levels?item_id=TEA&location_id=DUBLIN")] == [0]
    shop.do("DELETE", "/products/{item_id}/locations/{location_id}", "TEA", "DUBLIN")
    assert shop.items("/products?location_id=DUBLIN") == []
    shop.do("DELETE", "/locations/{location_id}", "DUBLIN")
    assert [each["location_id"] for each in shop.items("/locations")] == ["LONDON"]


def test_suppliers_and_conditions(shop: Shop) -> None:
    shop.do("POST", "/suppliers", json={"supplier_id": "acme", "name": "Acme", "lead_time_days": 5})
    shop.do("POST", "/suppliers", json={"supplier_id": "spare", "name": "Spare"})
    link = {"supplier_id": "acme", "supplier_cost": 1.5, "moq": 12, "packaging_qty": 6}
    shop.do("POST", "/products/{item_id}/suppliers", "TEA", json=link)
    tea = shop.row("TEA")
    assert (tea["supplier_name"], tea["lead_time_days"]) == ("Acme", 5)
    assert shop.suggested()["TEA"]["unit_cost"] == 1.5
    assert [each["item_id"] for each in shop.items("/suppliers/acme/products")] == ["TEA"]
    body = {"supplier_cost": 2, "lead_time_days": 9, "moq": 24, "packaging_qty": 6, "is_primary": True}
    shop.do("PUT", "/products/{item_id}/suppliers/{supplier_id}", "TEA", "acme", json=body)
    assert (shop.row("TEA")["lead_time_days"], shop.suggested()["TEA"]["moq"]) == (9, 24)
    shop.do("PUT", "/suppliers/{supplier_id}", "acme", json={"name": "Acme Ltd", "lead_time_days": 5})
    assert shop.row("TEA")["supplier_name"] == "Acme Ltd"
    assert shop.see("/suppliers?search=acme")["items"][0]["name"] == "Acme Ltd"
    assert shop.see("/order-planning/suggestions")["groups"][0]["supplier_name"] == "Acme Ltd"
    link = {"supplier_id": "spare", "supplier_cost": 1, "moq": 1, "packaging_qty": 1}
    shop.do("POST", "/products/{item_id}/suppliers", "TEA", json=link)
    assert len(shop.items("/products/TEA/suppliers")) == 2
    shop.do("DELETE", "/products/{item_id}/suppliers/{supplier_id}", "TEA", "spare")
    assert len(shop.items("/products/TEA/suppliers")) == 1
    shop.do("DELETE", "/suppliers/{supplier_id}", "spare")
    assert [each["supplier_id"] for each in shop.items("/suppliers")] == ["acme"]


def test_supplier_files(shop: Shop) -> None:
    def file(text: str) -> dict[str, Any]:
        return {"file": ("import.csv", text)}

    shop.do("POST", "/suppliers/import", files=file("supplier_id,name\nbest,Best\n"))
    assert {each["supplier_id"] for each in shop.items("/suppliers")} == {"acme", "best"}
    links = "item_id,supplier_id,supplier_cost,lead_time_days,moq,packaging_qty\nMUG,best,3,7,10,10\n"
    shop.do("POST", "/product-suppliers/import", files=file(links))
    assert shop.row("MUG")["supplier_name"] == "Best"
    assert [each["item_id"] for each in shop.items("/suppliers/best/products")] == ["MUG"]


def test_the_cart(shop: Shop) -> None:
    shop.do("POST", "/order-planning/cart/add-suggestions")
    assert shop.cart()["TEA"] == shop.suggested()["TEA"]["quantity"]
    assert shop.suggested()["TEA"]["in_cart"] is True
    shop.do("PUT", "/order-planning/cart/{item_id}", "TEA", json={"quantity": 240})
    assert shop.cart()["TEA"] == 240
    shop.do("DELETE", "/order-planning/cart/{item_id}", "TEA")
    assert shop.suggested()["TEA"]["in_cart"] is False
    shop.do("POST", "/order-planning/cart/add", json={"item_id": "MUG", "supplier_id": "best", "quantity": 10})
    assert shop.cart() == {"MUG": 10}
    shop.do("POST", "/order-planning/cart/clear")
    assert shop.cart() == {}


def test_orders(shop: Shop) -> None:
    lines = [{"item_id": "TEA", "quantity": 240}]
    order = shop.do("POST", "/purchase-orders", json={"supplier_id": "acme", "items": lines})
    assert (shop.row("TEA")["on_order"], shop.row("TEA")["inventory_position"]) == (240, 250)
    assert "TEA" not in shop.suggested()
    assert [each["id"] for each in shop.items("/purchase-orders?status=pending")] == [order["id"]]
    assert [each["po_number"] for each in shop.items("/purchase-orders?search=tea")] == [order["po_number"]]
    shop.do("PATCH", "/purchase-orders/{order_id}", order["id"], json={"items": [{"item_id": "TEA", "quantity": 120}]})
    assert shop.row("TEA")["on_order"] == 120
    shop.do("PUT", "/purchase-orders/{order_id}/status", order["id"], json={"status": "confirmed"})
    assert [each["id"] for each in shop.items("/purchase-orders?status=confirmed")] == [order["id"]]
    arrived = {"lines": [{"item_id": "TEA", "quantity": 100}]}
    shop.do("POST", "/purchase-orders/{order_id}/receipts", order["id"], json=arrived)
    assert (shop.row("TEA")["current_stock"], shop.row("TEA")["on_order"]) == (110, 20)
    assert shop.see(f"/purchase-orders/{order['id']}")["status"] == "partially_received"
    assert shop.see("/dashboard")["metrics"]["total_inventory_value"] == 330 + 2000 + 27
    shop.do("POST", "/order-planning/cart/add", json={"item_id": "MUG", "supplier_id": "best", "quantity": 10})
    shop.do("POST", "/purchase-orders/from-cart")
    assert (shop.cart(), shop.row("MUG")["on_order"]) == ({}, 10)
    assert shop.see("/suppliers/best")["orders"]


def test_recommendations(shop: Shop) -> None:
    reduce = "REDUCE_ORDER:MUG"
    assert reduce in shop.recommended()
    shop.do("POST", "/recommendations/{recommendation_id}/dismiss", reduce, json={})
    assert reduce not in shop.recommended()
    shop.do("DELETE", "/recommendations/{recommendation_id}/dismiss", reduce)
    assert reduce in shop.recommended()
    filters = {"threshold_filters": {"reduce_order_min_dir_days": 3000}}
    shop.do("PUT", "/settings/recommendation-rules", json=filters)
    assert reduce not in shop.recommended()


def test_settings(shop: Shop) -> None:
    before = shop.see("/dashboard")["metrics"]["overstocked_count"]
    assert shop.row("MUG")["status"] == "overstocked"
    shop.do("PUT", "/settings", json={"overstocked_threshold": 3000})
    assert shop.row("MUG")["status"] == "normal"
    assert shop.see("/dashboard")["metrics"]["overstocked_count"] == before - 1
    shop.do("PATCH", "/settings", json={"default_lead_time_days": 30})
    assert shop.row("HAT")["lead_time_days"] == 30


def test_campaigns(shop: Shop) -> None:
    plan = {"name": "Summer", "start_date": str(TODAY - dt.timedelta(1)), "end_date": str(TODAY + dt.timedelta(5))}
    campaign = shop.do("POST", "/campaigns", json=plan | {"products": [{"item_id": "MUG"}]})
    campaign_id = campaign["campaign_id"]
    assert [each["campaign_id"] for each in shop.items("/campaigns?status=running")] == [campaign_id]
    assert shop.campaigns() == {"MUG": campaign_id}
    shop.do("PUT", "/campaigns/{campaign_id}/products", campaign_id, json={"products": [{"item_id": "TEA"}]})
    assert shop.campaigns() == {"TEA": campaign_id}
    ended = plan | {"end_date": str(TODAY - dt.timedelta(1))}
    shop.do("PUT", "/campaigns/{campaign_id}", campaign_id, json=ended)
    assert shop.campaigns() == {}
    shop.do("DELETE", "/campaigns/{campaign_id}", campaign_id)
    assert shop.items("/campaigns") == []


def test_operations(shop: Shop) -> None:
    refresh = shop.do("POST", "/inventory/metrics/refresh")
    assert refresh["id"] in {each["id"] for each in shop.items("/operations")}
    run = shop.do("POST", "/forecast", json={"item_ids": ["TEA"]})
    assert run["id"] in {each["run_id"] for each in shop.items("/forecast")}
    shop.do("POST", "/operations/{operation_id}/cancel", run["id"])
    assert shop.see(f"/operations/{run['id']}")["status"] == "cancelled"
    assert run["id"] in {each["id"] for each in shop.items("/operations?status=cancelled")}


def test_runs(shop: Shop) -> None:
    run = shop.do("POST", "/etl/run")
    assert run["id"] in {each["id"] for each in shop.items("/operations?kind=etl_run")}
    step = run["steps"][0]["name"]
    assert step in {each["name"] for each in shop.see(f"/operations/{run['id']}")["steps"]}
    assert shop.do("POST", "/operations/{operation_id}/retry", run["id"])["id"] == run["id"]
    shop.do("POST", "/operations/{operation_id}/cancel", run["id"])
    assert shop.see(f"/operations/{run['id']}")["status"] == "cancelled"


def test_validations(shop: Shop) -> None:
    validation = shop.do("POST", "/etl/validation")
    eventually(lambda: shop.see(f"/operations/{validation['id']}")["status"] == "succeeded", "the validation")
    assert shop.see("/etl/validation")["run_id"] == validation["id"]


def test_the_audit_log(shop: Shop) -> None:
    actions = {each["action"] for each in shop.items("/audit?page_size=200")}
    assert {"settings.changed", "stock_level.corrected"} <= actions
