"""Nights of a client whose database holds every kind of records: from there to what lists answer, by one call."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from functions.etl.chain import steps_of
from shared.config import config
from shared.domain.etl_run import EtlRunRequest
from shared.domain.operation import StepName
from shared.tasks.etl_runs import start_run
from shared.tasks.operations import Operations
from shared.tasks.starting import delivered
from tests.functions.etl.test_sources import SALES, SCHEMA, connect
from tests.support.firestore_meter import FirestoreMeter
from tests.support.importer import BUSINESS_DATE, Importer
from tests.support.source_server import SourceServer
from tests.support.tenants import eventually

EVERYTHING = (
    *SCHEMA,
    "CREATE TABLE places (code text, name text, town text)",
    "INSERT INTO places VALUES ('LONDON', 'London', 'London'), ('DUBLIN', 'Dublin', 'Dublin')",
    "INSERT INTO places VALUES ('YORK', 'York', 'York')",
    "CREATE TABLE vendors (number int, name text, days int)",
    "INSERT INTO vendors VALUES (7, 'Acme Ltd', 12), (8, 'Best GmbH', 9)",
    "CREATE TABLE terms (vendor int, code text, price numeric(10, 4), least int, main boolean)",
    "INSERT INTO terms VALUES (7, 'TEA', 1.25, 12, true), (8, 'TEA', 1.5, 6, false), (8, 'MUG', 2, 1, true)",
    "CREATE TABLE reserved (code text, place text, units int)",
    "INSERT INTO reserved VALUES ('TEA', 'LONDON', 15)",
)
ENTITIES: dict[str, Any] = {
    "locations": {"table": "places", "mapping": {"location_id": "code", "name": "name", "city": "town"}},
    "products": {"table": "items", "mapping": {"item_id": "code", "product_name": "name", "unit_cost": "cost"}},
    "suppliers": {
        "table": "vendors",
        "mapping": {"external_id": "number", "name": "name", "lead_time_days": "days"},
    },
    "product-suppliers": {
        "table": "terms",
        "mapping": {
            "external_id": "vendor",
            "item_id": "code",
            "supplier_cost": "price",
            "moq": "least",
            "is_primary": "main",
        },
    },
    "stock-levels": {
        "table": "stock",
        "mapping": {"item_id": "code", "location_id": "place", "current_stock": "units"},
    },
    "committed": {"table": "reserved", "mapping": {"item_id": "code", "location_id": "place", "committed": "units"}},
    "sales-history": SALES,
}
SYNCED = [*ENTITIES]


def run_of(caller: Importer, run_id: str) -> dict[str, Any]:
    """The client's run once it has ended: all its steps but the forecast."""
    steps = [step for step in steps_of(caller.tenant) if step.name is not StepName.FORECAST]
    request = EtlRunRequest(run_id, BUSINESS_DATE, tuple(steps), "ann", dt.datetime.now(dt.UTC))
    delivered(config(), start_run(caller.tenant, request))
    return ended(caller, run_id)


def ended(caller: Importer, run_id: str) -> dict[str, Any]:
    operations = Operations(caller.tenant)
    eventually(lambda: operations.get(run_id).finished, f"run {run_id} to end")
    run: dict[str, Any] = caller.get(f"/operations/{run_id}").json()
    return run


def results(caller: Importer, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each sync of the run did."""
    of = {step["name"]: caller.get(f"/operations/{step['operation_id']}").json() for step in run["steps"]}
    return {name: operation for name, operation in of.items() if name in SYNCED}


def refreshes(caller: Importer) -> list[str]:
    kinds = [each["kind"] for each in caller.get("/operations", page_size=200).json()["items"]]
    return sorted(kind for kind in kinds if kind.startswith("metrics_refresh"))


def test_nights_of_a_client_with_a_database(caller: Importer, postgres: SourceServer, meter: FirestoreMeter) -> None:
    database = postgres.new_database(*EVERYTHING)
    for location in caller.tenant.collection("locations").stream():
        location.reference.delete()  # they come from the source
    connect(caller, {"kind": "sql", "url": database.url, "entities": ENTITIES})
    tested = caller.client.post("/etl/sources/erp/test").json()
    assert {kind: (each["readable"], each["problems"]) for kind, each in tested["entities"].items()} == {
        kind: (True, []) for kind in ENTITIES
    }
    # The first night: all of it, in an order in which each finds what it names.
    run = caller.client.finished(caller.client.post("/etl/run"))
    assert run["status"] == "succeeded", run
    assert [(step["name"], step["status"]) for step in run["steps"]] == [
        (name, "succeeded") for name in (*SYNCED, "validate", "forecast", "refresh")
    ]
    counts = {name: each["counts"] for name, each in results(caller, run).items()}
    assert {name: each["accepted"] for name, each in counts.items()} == {
        "locations": 3,
        "products": 3,
        "suppliers": 2,
        "product-suppliers": 3,
        "stock-levels": 2,
        "committed": 1,
        "sales-history": 286,
    }
    assert all(each["rejected"] == 0 for each in counts.values())
    # One refresh for all that came in, and the forecast's.
    assert refreshes(caller) == ["metrics_refresh", "metrics_refresh.rebuild"]
    places = {place["location_id"]: place for place in caller.get("/locations").json()["items"]}
    assert (places["YORK"]["city"], places["YORK"]["is_synced"]) == ("York", True)
    suppliers = {each["name"]: each for each in caller.get("/suppliers").json()["items"]}
    assert {name: (each["external_id"], each["lead_time_days"]) for name, each in suppliers.items()} == {
        "Acme Ltd": ("7", 12),
        "Best GmbH": ("8", 9),
    }
    tea = next(item for item in caller.get("/products").json()["items"] if item["item_id"] == "TEA")
    assert (tea["current_stock"], tea["inventory_position"], tea["unit_cost"]) == (40, 25, 2.5)
    assert (tea["supplier_name"], tea["lead_time_days"]) == ("Acme Ltd", 12)
    assert tea["forecasted_demand_30d"] == pytest.approx(90, rel=0.2)
    terms = {each["supplier_name"]: each for each in caller.get("/products/TEA/suppliers").json()["items"]}
    assert {name: (each["supplier_cost"], each["moq"], each["is_primary"]) for name, each in terms.items()} == {
        "Acme Ltd": (1.25, 12, True),
        "Best GmbH": (1.5, 6, False),
    }
    (level,) = caller.get("/inventory/stock-levels", item_id="TEA").json()["items"]
    assert (level["location_id"], level["current_stock"], level["committed"]) == ("LONDON", 40, 15)
    assert len({day for _, _, day, _, _ in caller.demand()}) == len(caller.demand()) == 286
    assert caller.get("/etl/validation").json()["run_id"] == run["steps"][-3]["operation_id"]

    # The second one: nothing has changed. What is written are the run, the operations of its nine steps as they go on,
    # and their tasks, and what a refresh publishes; of what was read, nothing.
    documents = ("locations", "products", "suppliers", "product_suppliers", "stock_levels")
    before = {name: caller.written_at(name) for name in documents}
    meter.reset()
    run = run_of(caller, "second")
    assert run["status"] == "succeeded", run
    assert meter.of(caller.client.client_id).writes <= 9 * 18
    for name, operation in results(caller, run).items():
        assert operation["result"]["unchanged"] == operation["counts"]["read"] > 0, (name, operation)
    assert {name: caller.written_at(name) for name in documents} == before
    assert refreshes(caller) == ["metrics_refresh", "metrics_refresh", "metrics_refresh.rebuild"]

    # The third one: three tables are not what they were. The rest comes in, and each says what is gone.
    database.run(
        "ALTER TABLE vendors RENAME COLUMN name TO label",
        "ALTER TABLE stock ALTER COLUMN units TYPE text USING 'many'",
        "ALTER TABLE reserved DROP COLUMN units",
        "UPDATE items SET cost = 3 WHERE code = 'TEA'",
    )
    run = run_of(caller, "third")
    failed = {name: each["error"] for name, each in results(caller, run).items() if each["error"] is not None}
    assert {name: error["code"] for name, error in failed.items()} == {
        "suppliers": "missing_columns",
        "stock-levels": "nothing_accepted",
        "committed": "missing_columns",
    }
    assert "'name' is gone; 'label' (text) is new" in failed["suppliers"]["detail"]
    assert "'units' was number, and is text" in failed["stock-levels"]["detail"]
    assert "'units' is gone" in failed["committed"]["detail"]
    assert all(f"{name} of erp: {error['detail']}" in run["error"]["detail"] for name, error in failed.items())
    tea = next(item for item in caller.get("/products").json()["items"] if item["item_id"] == "TEA")
    assert (tea["unit_cost"], tea["current_stock"], tea["inventory_position"]) == (3, 40, 25)

    # Put right, it is retried: what failed, and nothing else.
    database.run(
        "ALTER TABLE vendors RENAME COLUMN label TO name",
        "ALTER TABLE stock ALTER COLUMN units TYPE int USING 50",
        "ALTER TABLE reserved ADD COLUMN units int DEFAULT 5",
    )
    assert caller.client.post("/operations/third/retry").status_code == 202
    run = ended(caller, "third")
    assert run["status"] == "succeeded", run
    assert {step["name"]: step["attempts"] for step in run["steps"]} == {
        name: 1 if name in ("locations", "products", "product-suppliers", "sales-history") else 2
        for name in (*SYNCED, "validate", "refresh")
    }
    tea = next(item for item in caller.get("/products").json()["items"] if item["item_id"] == "TEA")
    assert (tea["current_stock"], tea["inventory_position"]) == (50, 45)
