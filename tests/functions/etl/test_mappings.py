"""Saved mappings over HTTP: kept per kind, checked as they are saved, and used by imports that bring none."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.access.principal import Role
from shared.firestore.products import Products
from tests.support.importer import Importer
from tests.support.problems import assert_problem

ARTICLES = "Stand 10.10.2011;;\nNr;Text;Wert;EK\nTEE;Tee;1.240;1,5\nBECHER;Becher;2.500;1,5\n"
SAVED = {
    "mapping": {
        "item_id": "Nr",
        "product_name": "Text",
        "unit_cost": "Wert",
        "exclude": [{"reason": "no article", "where": {"unit_cost": {"below": 1.5}, "item_id": {"matches": "^T"}}}],
    },
    "decimal_mark": ".",
    "header_row": 2,
}

BELOW_TEXT = {"reason": "no number", "where": {"sku": {"below": 1}}}
TOO_MANY = {str(number): "x" * 400 for number in range(300)}


def put(caller: Importer, kind: str, fields: dict[str, Any], **options: Any) -> Any:
    return caller.client.call("PUT", f"/etl/mappings/{kind}", json=fields, **options)


def test_an_import_uses_what_is_saved_for_its_kind(caller: Importer, other: Importer) -> None:
    path = "/etl/mappings/products"
    assert_problem(caller.get(path), 404, "mapping_not_found")
    found = caller.imported(ARTICLES, kind="products", dry_run="true")["result"]
    assert (found["mapping_source"], found["mapping"]["unit_cost"]) == ("found", "EK")
    saved = put(caller, "products", SAVED)
    assert saved.status_code == 200, saved.text
    assert caller.get(path).json()["mapping"] == saved.json()["mapping"]
    assert saved.json()["mapping"]["exclude"][0]["where"]["unit_cost"]["below"] == 1.5
    assert (saved.json()["sheet"], saved.json()["header_row"]) == (None, 2)
    assert caller.get("/etl/mappings").json()["total"] == 1
    assert other.get("/etl/mappings").json()["total"] == 0

    run = caller.imported(ARTICLES, kind="products")
    assert run["status"] == "succeeded", run
    assert (run["parameters"]["mapping_source"], run["parameters"]["header_row"]) == ("saved", 2)
    assert run["result"]["mapping_source"] == "saved"
    assert run["result"]["rejected_by_check"] == {"excluded": 1}
    assert {one.item_id: str(one.unit_cost) for one in Products(caller.tenant).every()} == {"BECHER": "2.5000"}
    # What a file says itself comes before what is saved beside the mapping; an empty mapping leaves all of it aside.
    marked = caller.imported(ARTICLES, kind="products", dry_run="true", decimal_mark=",")["result"]
    assert [row["understood"]["unit_cost"] for row in marked["preview"]] == [1240, 2500]
    assert (
        caller.imported(ARTICLES, kind="products", dry_run="true", mapping="{}")["result"]["mapping"]
        == found["mapping"]
    )

    other_file = caller.imported("artikelnummer,title\nTEE,Tee\n", kind="products", header_row="1")
    detail = other_file["error"]["detail"]
    assert other_file["error"]["code"] == "missing_columns"
    assert "the saved mapping of products does not fit this file" in detail
    assert 'suggested mapping: {"item_id": "artikelnummer", "product_name": "title"}' in detail
    assert "/etl/mappings/products" in detail

    stale = put(caller, "products", {"mapping": {}}, headers={"If-Match": '"2011-01-01"'})
    assert_problem(stale, 412, "stale_version")
    version = {"If-Match": caller.get(path).headers["ETag"]}
    assert caller.client.call("DELETE", path, headers=version).status_code == 204
    assert_problem(caller.client.call("DELETE", path), 404, "mapping_not_found")
    entries = caller.get("/audit", subject="import_mapping").json()["items"]
    assert [entry["action"] for entry in entries] == ["import_mapping.deleted", "import_mapping.saved"]
    assert entries[1]["after"]["header_row"] == 2


def test_a_default_location_is_saved_too(caller: Importer) -> None:
    assert put(caller, "sales-history", {"default_location_id": "LONDON", "sheet": "Sales"}).status_code == 200
    sales = "sku,date,qty\nTEA,2011-10-10,4\n"
    run = caller.imported(sales, dry_run="true")
    assert run["error"] is None, run
    assert (run["parameters"]["default_location_id"], run["parameters"]["sheet"]) == ("LONDON", None)
    assert run["result"]["preview"][0]["understood"]["location_id"] == "LONDON"
    caller.tenant.collection("locations").document("LONDON").delete()
    refused = caller.upload(sales)
    problem = assert_problem(refused, 422, "location_not_found")
    assert [each["pointer"] for each in problem["errors"]] == ["form/default_location_id"]


@pytest.mark.parametrize(
    ("kind", "fields", "code", "pointer"),
    [
        ("products", {"mapping": {"current_stock": "Bestand"}}, "invalid_mapping", "/mapping/current_stock"),
        ("products", {"mapping": {"exclude": [BELOW_TEXT]}}, "invalid_mapping", "/mapping/exclude/0/where"),
        ("products", {"mapping": {"item_id": {"column": "a", "constant": "b"}}}, "invalid_input", None),
        ("products", {"default_location_id": "LONDON"}, "not_for_this_kind", "/default_location_id"),
        ("stock-levels", {"default_location_id": "NOWHERE"}, "location_not_found", "/default_location_id"),
        ("products", {"encoding": "rot13"}, "invalid_input", "/encoding"),
        ("products", {"columns": {}}, "unknown_field", "/columns"),
        ("products", {"mapping": {"item_id": {"column": "a", "values": TOO_MANY}}}, "invalid_mapping", None),
        ("nothing", {}, "invalid_input", None),
    ],
)
def test_what_cannot_be_used_is_not_saved(
    caller: Importer, kind: str, fields: dict[str, Any], code: str, pointer: str | None
) -> None:
    refused = put(caller, kind, fields)
    problem = assert_problem(refused, 422, code)
    assert pointer in (None, *(each["pointer"] for each in problem["errors"])), problem
    assert caller.get("/etl/mappings").json()["total"] == 0


def test_only_who_runs_the_etl_saves(caller: Importer) -> None:
    assert caller.client.call("PUT", "/etl/mappings/products", json={}, role=Role.VIEWER).status_code == 403
