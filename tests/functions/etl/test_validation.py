"""What a validation finds in a client whose data have every fault, and in one that has none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from google.api_core.exceptions import BadRequest

from functions.etl.validation import validation_request
from functions.etl.validation_worker import work_on_validation
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.access.principal import Role
from shared.domain.purchasing.product import Product, StockLevel
from shared.firestore.products import Products, StockLevels
from shared.tasks.operations import Operations
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

YESTERDAY = TODAY - dt.timedelta(days=1)
Row = dict[str, Any]


def sale(item: str, days_ago: int, units: float = 2, location: str = "LONDON", **more: Any) -> Row:
    day = YESTERDAY - dt.timedelta(days=days_ago)
    return {
        "item_id": item,
        "location_id": location,
        "date_local": day,
        "units_sold": Decimal(units),
        "revenue": Decimal(1),
        "stock_on_date": Decimal(5),
    } | more


@pytest.fixture
def shop(running: Running) -> TestClient:
    client = TestClient(running.base_url).create()
    assert client.post("/locations", json={"location_id": "LONDON", "name": "London"}).status_code == 201
    return client


def validated(shop: TestClient) -> dict[str, Any]:
    shop.finished(shop.post("/inventory/metrics/refresh", json={"rebuild": True}))
    operation = shop.finished(shop.post("/etl/validation"))
    report: dict[str, Any] = shop.get("/etl/validation").json()
    assert report["run_id"] == operation["id"]
    assert {name: operation["result"][name] for name in report["summary"]} == report["summary"]
    return report


def test_nothing_is_found_where_nothing_is_wrong(shop: TestClient) -> None:
    Products(shop.tenant).put_many([Product("A", "A", category="Tea", unit_cost=Decimal(1))])
    StockLevels(shop.tenant).put_many([StockLevel("A", {"LONDON": Decimal(9)})])
    shop.sell([sale("A", day) for day in range(120)])
    assert shop.get("/etl/validation").json()["code"] == "not_validated"
    report = validated(shop)
    assert [(check["code"], check["severity"]) for check in report["checks"]] == [("no_supplier", "warning")]
    assert (report["suspicious"], report["as_of"]) == (False, TODAY.isoformat())


def test_every_fault_is_found_and_compared_with_the_report_before(shop: TestClient) -> None:
    Products(shop.tenant).put_many([Product(item, item) for item in ("A", "B", "C", "D", "E", "F", "mug")])
    steady = [sale(item, day) for item in "BCDEF" for day in range(10, 66)]
    rows = [
        *(sale("A", day, 3 if day > 9 else 900) for day in range(3, 66) if not 20 < day < 29),
        *(row for row in steady if not TODAY - dt.timedelta(30) < row["date_local"] < TODAY - dt.timedelta(21)),
        sale("A", -1),
        sale("TAE", 40, 7),
        sale("A", 41, 1, "NOWHERE"),
        sale("mug", 42),
        sale("MUG ", 43),
        sale("NEW", 4, 1, revenue=None),
    ]
    shop.sell(rows)
    checks = {check["code"]: check for check in validated(shop)["checks"]}
    assert {code: (check["count"], check["examples"]) for code, check in checks.items()} == {
        "future_records": (1, [f"A LONDON {TODAY}"]),
        "no_recent_sales": (3, [f"the last sale is of {YESTERDAY - dt.timedelta(3)}"]),
        "no_stock": (7, []),
        "orphan_items": (3, ["TAE", "MUG ", "NEW"]),
        "orphan_locations": (1, ["NOWHERE"]),
        "spellings": (1, ["MUG  and mug"]),
        "gaps": (1, [f"{YESTERDAY - dt.timedelta(28)} to {YESTERDAY - dt.timedelta(21)}"]),
        "volume_change": (1, checks["volume_change"]["examples"]),
        "mean_change": (1, checks["mean_change"]["examples"]),
        "assortment_change": (1, checks["assortment_change"]["examples"]),
        "vanished_items": (5, ["B", "C", "D", "E", "F"]),
        "jumps": (1, ["A"]),
        "no_cost": (7, ["A", "B", "C", "D", "E"]),
        "no_supplier": (7, ["A", "B", "C", "D", "E"]),
        "new_items": (1, ["NEW"]),
        "short_history": (1, ["NEW"]),
        "missing_revenue": (1, [f"NEW LONDON {YESTERDAY - dt.timedelta(4)}"]),
        "no_category": (7, ["A", "B", "C", "D", "E"]),
    }
    assert all(check["previous_count"] is None for check in checks.values())
    shop.sell([sale("TAE2", 40)])
    again = {check["code"]: check for check in validated(shop)["checks"]}
    assert (again["orphan_items"]["previous_count"], again["orphan_items"]["count"]) == (3, 4)


def test_who_may_validate_and_who_may_look(shop: TestClient) -> None:
    assert shop.post("/etl/validation", role=Role.VIEWER).status_code == 403
    assert shop.get("/etl/validation", role=Role.VIEWER).status_code == 404


def test_a_query_that_bigquery_refuses_fails_at_once_and_pages(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise BadRequest("Unrecognized name: units")

    monkeypatch.setattr(Warehouse, "rows", refused)
    operation, _ = Operations(client.tenant).start(validation_request("ann", dt.datetime.now(dt.UTC)))
    status = work_on_validation(config(), client.tenant, operation.id, lambda: dt.datetime.now(dt.UTC))
    failed = Operations(client.tenant).get(operation.id)
    assert (status, failed.attempt, (failed.error or {})["code"]) == ("failed", 1, "validation_refused")
    assert '"severity": "ERROR"' in capsys.readouterr().out
