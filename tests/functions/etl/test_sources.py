"""Sources over HTTP: kept without secrets, tested, read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from shared.bigquery.client import bigquery_client
from shared.config import config
from shared.domain.access.principal import Role
from shared.firestore.products import Products, StockLevels
from tests.support.importer import BUSINESS_DATE, Importer
from tests.support.problems import assert_problem
from tests.support.source_server import SourceDatabase, SourceServer

SCHEMA = (
    "CREATE TABLE items (code text PRIMARY KEY, name text, cost numeric(10, 4))",
    "INSERT INTO items VALUES ('TEA', 'Tea', 2.5), ('MUG', 'Mug', 4), ('PEN', NULL, NULL)",
    "CREATE TABLE stock (code text, place text, units int)",
    "INSERT INTO stock VALUES ('TEA', 'LONDON', 40), ('MUG', 'DUBLIN', 12)",
    "CREATE TABLE sales (id serial PRIMARY KEY, sku text, day date, qty int, price numeric(10, 2))",
    "INSERT INTO sales (sku, day, qty, price) SELECT 'TEA', d, 3, 1.5 FROM generate_series('2011-01-01'::date, "
    "'2011-10-13', '1 day') d",
)
SALES = {
    "query": "SELECT sku, day, qty, price FROM sales WHERE day BETWEEN :start_date AND :end_date",
    "mapping": {"item_id": "sku", "date_local": "day", "units_sold": "qty", "location_id": {"constant": "LONDON"}},
}
ENTITIES = {
    "products": {"table": "items", "mapping": {"item_id": "code", "product_name": "name", "unit_cost": "cost"}},
    "stock-levels": {
        "table": "stock",
        "mapping": {"item_id": "code", "location_id": "place", "current_stock": "units"},
    },
    "sales-history": SALES,
}


def body(database: SourceDatabase, **fields: Any) -> dict[str, Any]:
    return {"kind": "sql", "url": database.url, "entities": ENTITIES} | fields


def connect(caller: Importer, fields: dict[str, Any], source_id: str = "erp") -> dict[str, Any]:
    response = caller.client.call("PUT", f"/etl/sources/{source_id}", json=fields)
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


def sync(caller: Importer, kind: str, **fields: Any) -> dict[str, Any]:
    """The finished operation of a sync."""
    return caller.client.finished(caller.client.post(f"/etl/sync/{kind}", json=fields))


def test_a_client_is_brought_in_and_a_second_time_changes_nothing(caller: Importer, postgres: SourceServer) -> None:
    database = postgres.new_database(*SCHEMA)
    shown = connect(caller, body(database))
    assert shown["entities"]["products"]["last_run"] is None
    products = sync(caller, "products")
    assert (products["status"], products["result"]["inserted"]) == ("succeeded", 3), products
    assert products["result"]["source_id"] == "erp"
    assert {product.item_id: str(product.unit_cost) for product in Products(caller.tenant).every()} == {
        "TEA": "2.5000",
        "MUG": "4.0000",
        "PEN": "0.0000",
    } or len(list(Products(caller.tenant).every())) == 3
    stock = sync(caller, "stock-levels", source_id="erp")
    assert stock["counts"] == {"read": 2, "accepted": 2, "rejected": 0}
    assert {level.item_id: dict(level.levels) for level in StockLevels(caller.tenant).every()} == {
        "TEA": {"LONDON": 40},
        "MUG": {"DUBLIN": 12},
    }
    sales = sync(caller, "sales-history")
    assert (sales["status"], sales["counts"]["read"], sales["result"]["inserted"]) == ("succeeded", 286, 286), sales
    assert (sales["result"]["from_date"], sales["result"]["to_date"]) == ("2011-01-01", "2011-10-13")
    assert len(caller.demand()) == 286
    again = sync(caller, "sales-history")
    assert again["counts"]["read"] == 8  # today and the overlap of a week
    assert (again["result"]["unchanged"], again["result"]["inserted"], again["result"]["updated"]) == (8, 0, 0)
    read = caller.get("/etl/sources/erp").json()["entities"]["sales-history"]
    assert read["watermark"] == BUSINESS_DATE.isoformat()
    assert (read["last_run"]["run_id"], read["last_run"]["status"]) == (again["id"], "succeeded")
    # A late correction within the overlap, and one beyond it that is asked for.
    database.run(
        "UPDATE sales SET qty = 7 WHERE day = '2011-10-08'",
        "DELETE FROM sales WHERE day = '2011-03-05'",
    )
    assert sync(caller, "sales-history")["result"]["updated"] == 1
    window = {"start_date": "2011-03-01", "end_date": "2011-03-31", "mode": "replace"}
    assert sync(caller, "sales-history", **window, dry_run=True)["result"]["deleted"] == 1
    assert len(caller.demand()) == 286
    replaced = sync(caller, "sales-history", **window)
    assert (replaced["result"]["deleted"], replaced["result"]["unchanged"]) == (1, 30)
    assert len(caller.demand()) == 285
    assert {run["kind"] for run in caller.get("/etl/runs?kind=sales-history").json()["items"]} == {
        "etl_sync.sales-history"
    }


def test_a_replacement_of_many_windows_is_guarded_as_a_whole(caller: Importer, postgres: SourceServer) -> None:
    database = postgres.new_database(*SCHEMA)
    connect(caller, body(database))
    assert sync(caller, "sales-history")["status"] == "succeeded"
    database.run("DELETE FROM sales WHERE day < '2011-09-01'")
    year = {"start_date": "2011-01-01", "mode": "replace"}
    refused = sync(caller, "sales-history", **year)
    assert refused["error"]["code"] == "source_shrunken"
    assert len(caller.demand()) == 286
    replaced = sync(caller, "sales-history", **year, accept_shrinkage=True)
    assert (replaced["status"], replaced["result"]["deleted"]) == ("succeeded", 243), replaced
    assert len(caller.demand()) == 43
    database.run("DELETE FROM sales")
    for mode in ("upsert", "replace"):
        assert sync(caller, "sales-history", mode=mode)["error"]["code"] == "source_empty"
    assert len(caller.demand()) == 43


def test_a_test_shows_what_is_understood(caller: Importer, postgres: SourceServer) -> None:
    database = postgres.new_database(*SCHEMA, "INSERT INTO sales (sku, day, qty) VALUES (NULL, '2010-12-31', 1)")
    connect(caller, body(database))
    tested = caller.client.post("/etl/sources/erp/test", role=Role.SERVICE).json()
    assert tested["entities"]["products"]["sample"][0] == {"item_id": "TEA", "product_name": "Tea", "unit_cost": 2.5}
    assert {"name": "cost", "type": "number"} in tested["entities"]["products"]["columns"]
    assert tested["entities"]["stock-levels"]["problems"] == []
    assert tested["entities"]["sales-history"]["sample"][0]["date_local"].startswith("2011-01-01")
    database.run("ALTER TABLE stock RENAME COLUMN units TO pieces", "ALTER TABLE items RENAME TO articles")
    tested = caller.client.post("/etl/sources/erp/test").json()
    assert tested["ok"] is False
    assert tested["entities"]["sales-history"]["readable"]
    (problem,) = tested["entities"]["stock-levels"]["problems"]
    assert (problem["code"], "'units' (for current_stock)" in problem["detail"]) == ("missing_columns", True)
    (problem,) = tested["entities"]["products"]["problems"]
    assert (problem["code"], '"items" does not exist' in problem["detail"]) == ("source_query_failed", True)


def test_no_secret_is_kept_or_told(
    caller: Importer, postgres: SourceServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = postgres.new_database(*SCHEMA)
    monkeypatch.setenv("STOCKCAST_SECRET_ERP_PASSWORD", "hunter2-secret")
    shown = connect(caller, body(database, secret="erp-password"))
    assert shown["secret"] == "erp-password"
    assert sync(caller, "products")["status"] == "succeeded"
    connect(caller, body(database, url=database.url.replace("reader", "nobody"), secret="erp-password"))
    tested = caller.client.post("/etl/sources/erp/test")
    assert {each["problems"][0]["code"] for each in tested.json()["entities"].values()} == {"source_denied"}
    failed = sync(caller, "products")
    assert failed["error"]["code"] == "source_denied"
    connect(caller, body(database, secret="another"))
    assert sync(caller, "products")["error"]["code"] == "secret_not_found"
    stored = [document.to_dict() for document in caller.tenant.collection("sources").stream()]
    for text in (tested.text, str(failed), str(stored), caller.get("/etl/sources").text, capsys.readouterr().out):
        assert "hunter2" not in text


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"url": "postgresql://reader:hunter2@127.0.0.1/x"}, "unusable_source_url", "/url"),
        ({"url": "postgresql://reader@169.254.169.254/x"}, "address_not_allowed", "/url"),
        ({"url": "postgresql://reader@10.0.0.1/x"}, "address_not_allowed", "/url"),
        ({"secret": "../../etc/passwd"}, "unusable_source", "/secret"),
        (
            {"entities": {"products": {"query": "DELETE FROM items"}}},
            "no_read_only_query",
            "/entities/products/query",
        ),
        (
            {"entities": {"products": {"table": "t", "mapping": {"units": "x"}}}},
            "unknown_field",
            "/entities/products/mapping/units",
        ),
        (
            {"entities": {"products": {"table": "t", "time_zone": "Mars/One"}}},
            "unusable_source",
            "/entities/products/time_zone",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_and_where(
    caller: Importer, change: dict[str, Any], code: str, pointer: str
) -> None:
    fields = {"kind": "sql", "url": "postgresql://reader@127.0.0.1/x", "entities": ENTITIES} | change
    response = caller.client.call("PUT", "/etl/sources/erp", json=fields)
    assert response.status_code == 422
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [(pointer, code)]
    assert "hunter2" not in response.text


def test_sources_are_kept_listed_and_forgotten(caller: Importer, other: Importer) -> None:
    fields = {"kind": "bigquery", "project": "p", "dataset": "d", "entities": ENTITIES}
    for source_id in ("b", "a"):
        connect(caller, fields, source_id)
    page = caller.get("/etl/sources").json()
    assert ([each["source_id"] for each in page["items"]], page["total"]) == (["a", "b"], 2)
    assert_problem(other.get("/etl/sources/a"), 404, "source_not_found")
    assert other.get("/etl/sources").json()["total"] == 0
    assert caller.client.call("PUT", "/etl/sources/a", role=Role.CEO, json=fields).status_code == 403
    stale = caller.client.call("PUT", "/etl/sources/a", json=fields, headers={"If-Match": '"0"'})
    assert_problem(stale, 412, "stale_version")
    problem = assert_problem(caller.client.post("/etl/sync/products", json={}), 422, "which_source")
    assert "a, b have products" in problem["detail"]
    assert caller.client.call("DELETE", "/etl/sources/b").status_code == 204
    assert_problem(caller.client.call("DELETE", "/etl/sources/b"), 404, "source_not_found")
    assert_problem(caller.client.post("/etl/sync/locations", json={"source_id": "a"}), 404, "entity_not_of_source")
    assert_problem(caller.client.post("/etl/sync/products", json={"source_id": "b"}), 404, "source_not_found")
    for wrong in ({"start_date": "2011-01-01"}, {"mode": "replace"}):
        assert_problem(caller.client.post("/etl/sync/products", json=wrong), 422, "not_for_this_kind")
    backwards = {"start_date": "2011-02-01", "end_date": "2011-01-01"}
    assert_problem(caller.client.post("/etl/sync/sales-history", json=backwards), 422, "invalid_range")


def test_a_foreign_dataset_is_read(caller: Importer) -> None:
    """By the emulator: another project's dataset, with types of its own."""
    foreign, dataset = "their-project", f"erp_{caller.client.client_id}".replace("-", "_")
    client = bigquery_client(config())
    client.create_dataset(f"{foreign}.{dataset}", exists_ok=True)
    client.query(
        f"CREATE TABLE `{foreign}.{dataset}.sales` (sku STRING, sold DATETIME, qty NUMERIC, price FLOAT64)"
    ).result()
    client.query(
        f"INSERT INTO `{foreign}.{dataset}.sales` VALUES ('TEA', DATETIME '2011-10-12 23:30:00', 2, 0.5), "
        "('TEA', DATETIME '2011-10-13 10:00:00', 3, 1.5), ('TEA', DATETIME '2011-10-14 10:00:00', 4, 1.5)"
    ).result()
    mapping = {"item_id": "sku", "date_local": "sold", "units_sold": "qty", "location_id": {"constant": "LONDON"}}
    entities = {"sales-history": {"table": "sales", "mapping": mapping}}
    connect(caller, {"kind": "bigquery", "project": foreign, "dataset": dataset, "entities": entities})
    run = sync(caller, "sales-history")
    assert (run["status"], run["counts"]["accepted"]) == ("succeeded", 2), run
    assert [(row[2], row[3]) for row in caller.demand()] == [
        (dt.date(2011, 10, 12), 2),
        (dt.date(2011, 10, 13), 3),
    ]
    entities["sales-history"] = {
        "query": "SELECT sku, sold, qty FROM sales WHERE DATE(sold) BETWEEN @start_date AND @end_date",
        "mapping": mapping,
    }
    connect(caller, {"kind": "bigquery", "project": foreign, "dataset": dataset, "entities": entities})
    assert sync(caller, "sales-history")["result"]["unchanged"] == 2
    entities["sales-history"] = {"table": "nothing", "mapping": mapping}
    connect(caller, {"kind": "bigquery", "project": foreign, "dataset": dataset, "entities": entities})
    assert sync(caller, "sales-history")["error"]["code"] == "source_query_failed"


def test_a_file_of_sqlite_is_read(caller: Importer, tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "erp.db") as database:
        database.execute("CREATE TABLE items (code TEXT, name TEXT)")
        database.execute("INSERT INTO items VALUES ('TEA', 'Tea')")
        database.execute("CREATE TABLE sales (sku TEXT, date TEXT, qty INT)")
        database.execute("INSERT INTO sales VALUES ('TEA', ?, 3)", (BUSINESS_DATE.isoformat(),))
    database.close()
    entities = {
        "products": {"table": "items", "mapping": {"item_id": "code", "product_name": "name"}},
        "sales-history": {"table": "sales", "mapping": {"location_id": {"constant": "LONDON"}}},
    }
    connect(caller, {"kind": "sql", "url": f"sqlite:///{tmp_path / 'erp.db'}", "entities": entities})
    assert sync(caller, "products")["result"]["inserted"] == 1
    assert sync(caller, "sales-history")["result"]["inserted"] == 1  # of the column `date`, which nobody has named


def test_who_connected_changed_and_deleted_a_source_is_kept_without_its_secret(
    caller: Importer, postgres: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKCAST_SECRET_ERP_PASSWORD", "hunter2-secret")
    database = postgres.new_database(*SCHEMA)
    connect(caller, body(database))
    for _ in range(2):  # the second time nothing changes
        connect(caller, body(database, secret="erp-password", entities={**ENTITIES, "products": {"table": "goods"}}))
    assert caller.client.call("DELETE", "/etl/sources/erp").status_code == 204
    page = caller.get("/audit", subject="source")
    entries = {entry["action"]: entry for entry in page.json()["items"]}
    assert len(entries) == page.json()["total"] == 3
    assert {entry["subject_id"] for entry in entries.values()} == {"erp"}
    assert entries["source.connected"]["before"] is None
    assert entries["source.connected"]["after"]["url"] == database.url
    assert entries["source.connected"]["after"]["entities/sales-history"]["query"] == SALES["query"]
    changed = entries["source.changed"]
    assert (changed["before"]["secret"], changed["after"]["secret"]) == (None, "erp-password")
    assert (changed["before"]["entities/products"]["table"], changed["after"]["entities/products"]["table"]) == (
        "items",
        "goods",
    )
    assert changed["after"].keys() == {"secret", "entities/products"}
    assert entries["source.deleted"]["after"] is None
    assert "hunter2" not in page.text


def test_a_pointer_leads_to_a_field_of_the_body_whatever_its_kind(caller: Importer) -> None:
    """pydantic puts the kind of a source into the way to what is wrong of it; the body has no such field."""
    entities = {"products": {"table": "t", "mapping": {}, "a/b": 1}}
    body = {"kind": "bigquery", "project": "p-project", "entities": entities}
    answer = caller.client.call("PUT", "/etl/sources/erp", json=body)
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/dataset", "/entities/products/a~1b"}
