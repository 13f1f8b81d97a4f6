"""The import of conditions over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
import requests

from shared.catalog.live import current_catalog
from shared.domain.access.principal import Role
from shared.domain.purchasing.product import Condition, Product
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products
from shared.firestore.suppliers import Suppliers
from shared.firestore.unfinished_imports import UnfinishedImports
from tests.functions.suppliers.uploads import (
    csv,
    errors_of_problem,
    errors_of_rows,
    found_errors,
    is_said,
    statuses,
    upload,
)
from tests.support.audit import audit_entries
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient, eventually

HEADER = "item_id,supplier_id,supplier_cost,lead_time_days,moq,packaging_qty,is_primary"
KIND = "product-suppliers"
ITEMS = ("bowl", "cup", "A/1", "with, comma")
COST = Decimal("1.75")


def condition(item_id: str, supplier_id: str, **fields: Any) -> Condition:
    name = {"acme": "Acme Ltd", "fast": "Fast GmbH"}.get(supplier_id, supplier_id)
    made = Condition(item_id, supplier_id, name, 10, Decimal("12.000"), Decimal("6.000"), COST, is_primary=False)
    return replace(made, **fields)


def stored(client: TestClient) -> dict[tuple[str, str], Condition]:
    return {
        (condition.item_id, condition.supplier_id): condition
        for conditions in Conditions(client.tenant).by_item().values()
        for condition in conditions
    }


def row(client: TestClient, item_id: str) -> dict[str, Any]:
    return current_catalog(client.tenant).items.rows_of(item_id).row(0, named=True)


@pytest.fixture
def shop(client: TestClient) -> TestClient:
    """A catalog of four items, two suppliers, and Acme as the primary supplier of cups."""
    client.stock([Product(item, item.title()) for item in ITEMS], {})
    rows: list[dict[str, Any]] = [{"item_id": item, "product_name": item.title()} for item in ITEMS]
    rows[1] |= {"supplier_id": "acme", "supplier_name": "Acme Ltd", "lead_time_days": 10}
    publish(client.tenant, catalog_rows(*rows))
    Suppliers(client.tenant).put_many([Supplier("acme", "Acme Ltd", lead_time_days=9), Supplier("fast", "Fast GmbH")])
    Conditions(client.tenant).put_many([condition("cup", "acme", is_primary=True)])
    return client


def test_conditions_are_added_and_changed_and_show_at_once(shop: TestClient) -> None:
    Conditions(shop.tenant).put_many([condition("bowl", "fast")])
    file = csv(
        HEADER,
        "A/1,acme,2,21,24,12,yes",
        '"with, comma",fast,0.015,,,,',
        "bowl,acme,3.50,,,,",
        "cup,acme,1.80,,,,",
        "bowl,fast,1.75,10,12,6,no",
    )
    response = upload(shop, KIND, file)
    assert response.json()["counts"] == {"read": 5, "accepted": 5, "rejected": 0}
    assert response.json()["statuses"] == {"created": 3, "updated": 1, "unchanged": 1, "rejected": 0}
    assert response.json()["operation_id"] is None
    assert response.json()["results"][0] == {
        "row": 2,
        "item_id": "A/1",
        "supplier_id": "acme",
        "status": "created",
        "errors": [],
    }
    assert statuses(response) == ["created", "created", "created", "updated", "unchanged"]
    new: Any = {"moq": Decimal("0.000"), "packaging_qty": Decimal("1.000")}
    primary: Any = {"lead_time_days": 21, "moq": Decimal(24), "packaging_qty": Decimal(12), "is_primary": True}
    assert stored(shop) == {
        ("A/1", "acme"): condition("A/1", "acme", supplier_cost=Decimal(2), **primary),
        ("with, comma", "fast"): condition(
            "with, comma", "fast", supplier_cost=Decimal("0.0150"), lead_time_days=14, **new
        ),
        ("bowl", "acme"): condition("bowl", "acme", supplier_cost=Decimal("3.50"), lead_time_days=9, **new),
        ("bowl", "fast"): condition("bowl", "fast"),
        ("cup", "acme"): condition("cup", "acme", supplier_cost=Decimal("1.80"), is_primary=True),
    }
    shown = {item: row(shop, item) for item in ITEMS}
    assert {item: cells["supplier_name"] for item, cells in shown.items()} == {
        "bowl": "Acme Ltd",
        "cup": "Acme Ltd",
        "A/1": "Acme Ltd",
        "with, comma": "Fast GmbH",
    }
    assert (shown["A/1"]["moq"], shown["A/1"]["lead_time_days"]) == (24, 21)
    assert shown["cup"]["supplier_cost"] == Decimal("1.80")
    assert statuses(upload(shop, KIND, file)) == ["unchanged"] * 5


def test_a_new_primary_supplier_takes_that_from_the_one_before(shop: TestClient) -> None:
    assert statuses(upload(shop, KIND, csv(HEADER, "cup,fast,1.50,3,,,true"))) == ["created"]
    primary = {key[1]: condition.is_primary for key, condition in stored(shop).items()}
    assert primary == {"acme": False, "fast": True}
    assert row(shop, "cup")["supplier_id"] == "fast"
    assert shop.get("/suppliers/acme/products").json()["items"][0]["is_primary"] is False


def test_the_primary_supplier_may_be_taken_away(shop: TestClient) -> None:
    assert statuses(upload(shop, KIND, csv(HEADER, "cup,acme,1.75,,,,false"))) == ["updated"]
    assert not any(condition.is_primary for condition in stored(shop).values())


def test_an_import_is_in_the_audit_log(shop: TestClient) -> None:
    upload(shop, KIND, csv(HEADER, "cup,fast,1.50,3,,,true", "bowl,fast,1.50,3,,,"), role=Role.PROCUREMENT)
    (entry,) = audit_entries(shop)
    assert (entry["action"], entry["role"]) == ("product_supplier.imported", "PROCUREMENT")
    assert (entry["after"]["created"], entry["after"]["updated"], entry["after"]["not_shown"]) == (2, 0, 0)
    changed = {
        (condition["item_id"], condition["supplier_id"]): condition["is_primary"]
        for condition in entry["after"]["conditions"]
    }
    assert changed == {("cup", "acme"): False, ("cup", "fast"): True, ("bowl", "fast"): False}
    upload(shop, KIND, csv(HEADER, "cup,fast,1.50,3,,,true"))
    assert len(audit_entries(shop)) == 1


# A row, and what is said of it: the field, the code, and a part of the detail. Row 2 is a good one.
BAD_ROWS: Sequence[tuple[str, str | None, str, str]] = (
    (",acme,1,,,,", "item_id", "required", "item_id is empty"),
    ("cup,,1,,,,", "supplier_id", "required", "supplier_id and external_id are empty"),
    ("cup,acme,,,,,", "supplier_cost", "required", "supplier_cost is empty"),
    ("saucer,acme,1,,,,", "item_id", "unknown_item", "'saucer' is no product of this client"),
    ("cup,nobody,1,,,,", "supplier_id", "unknown_supplier", "'nobody' is unknown"),
    ("=cup,acme,1,,,,", "item_id", "formula", "'=cup' begins"),
    ("cup,@acme,1,,,,", "supplier_id", "formula", "'@acme' begins"),
    ("cup,acme,-0.01,,,,", "supplier_cost", "negative", "-0.01 is below 0"),
    ("cup,acme,1000000001,,,,", "supplier_cost", "range", "above"),
    ("cup,acme,2 cups,,,,", "supplier_cost", "format", "'2 cups' is no number"),
    ("cup,acme,1,-3,,,", "lead_time_days", "negative", "-3 is below 0"),
    ("cup,acme,1,9999,,,", "lead_time_days", "range", "9999 is above 730"),
    ("cup,acme,1,2.5,,,", "lead_time_days", "format", "'2.5' is no whole number"),
    ("cup,acme,1,,-1,,", "moq", "negative", "-1 is below 0"),
    ("cup,acme,1,,1000000001,,", "moq", "range", "above"),
    ("cup,acme,1,,,0,", "packaging_qty", "not_positive", "packaging_qty 0 is not above 0"),
    ("cup,acme,1,,,-6,", "packaging_qty", "not_positive", "packaging_qty -6 is not above 0"),
    ("cup,acme,1,,,0.0004,", "packaging_qty", "not_positive", "0.0004 is not above 0"),
    ("cup,acme,1,,,,perhaps", "is_primary", "format", "'perhaps' is no flag"),
    ("bowl,fast,2,,,,", None, "duplicate", "row 2 already gives this item_id, supplier_id"),
    ("bowl,acme,2,,,,1", "is_primary", "second_primary", "row 2 already makes a supplier the primary one"),
    ("cup,ac\u200bme,1,,,,", "supplier_id", "format", "cannot be printed"),
    (f"{'x' * 501},acme,1,,,,", "item_id", "format", "has 501 characters"),
    ("cup,acme,1", None, "malformed_row", "the row has 3 cells, the header has 7"),
)


@pytest.mark.parametrize("mode", ["all_or_nothing", "accept_valid"])
def test_rows_that_cannot_be_taken(shop: TestClient, mode: str) -> None:
    before = stored(shop)
    response = upload(shop, KIND, csv(HEADER, "bowl,fast,2,,,,yes", *(row for row, *_ in BAD_ROWS)), mode=mode)
    if mode == "accept_valid":
        assert statuses(response) == ["created", *["rejected"] * len(BAD_ROWS)]
        errors = errors_of_rows(response.json())
    else:
        errors = errors_of_problem(assert_problem(response, 422, "import_rejected"))
    for number, (cells, *expected) in enumerate(BAD_ROWS, start=3):
        assert any(is_said(expected, error) for error in errors[number]), (cells, errors[number])
    assert set(stored(shop)) == {*before, *([("bowl", "fast")] if mode == "accept_valid" else [])}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (csv("item_id,supplier_id", "cup,acme"), "missing_columns"),
        (csv("item_id;supplier_id;supplier_cost;moq", "cup;acme;1;1.000"), "ambiguous_numbers"),
    ],
)
def test_a_file_that_cannot_be_read(shop: TestClient, content: bytes, code: str) -> None:
    assert_problem(upload(shop, KIND, content, mode="accept_valid"), 422, code)


def test_a_supplier_is_named_by_its_number(shop: TestClient) -> None:
    Suppliers(shop.tenant).put_many([Supplier("best", "Best", "V1", lead_time_days=4)])
    header = "item_id,supplier_id,external_id,supplier_cost,supplier_sku,packaging_unit,notes"
    rows = (
        "cup,,V1,2.5,B-77,box,fragile",
        "bowl,best,V1,2,,,",
        "A/1,,V2,2,,,",
        "A/1,acme,V1,2,,,",
        "A/1,,,2,,,",
        "cup,best,,2,,,",
    )
    response = upload(shop, KIND, csv(header, *rows), mode="accept_valid")
    assert statuses(response) == ["created", "created", *["rejected"] * 4]
    results = response.json()["results"]
    assert [result["supplier_id"] for result in results] == ["best", "best", None, "acme", None, "best"]
    assert [result["errors"][0]["code"] for result in results[2:]] == [
        "unknown_supplier",
        "supplier_mismatch",
        "required",
        "duplicate",
    ]
    made = stored(shop)["cup", "best"]
    assert (made.supplier_sku, made.packaging_unit, made.notes) == ("B-77", "box", "fragile")
    assert (made.supplier_cost, made.lead_time_days, made.supplier_name) == (Decimal("2.50"), 4, "Best")
    blank = upload(shop, KIND, csv(header, "cup,,V1,3,,,"))
    assert statuses(blank) == ["updated"]
    assert stored(shop)["cup", "best"] == replace(made, supplier_cost=Decimal("3.00"))


LONG = "😀" * 400  # of 1,600 bytes: more than a query of the database compares


def test_an_item_id_may_have_more_bytes_than_a_query_compares(shop: TestClient) -> None:
    Products(shop.tenant).put_many([Product(LONG, "Long"), Product(f"{LONG}2", "Longer")])
    file = csv(HEADER, f"{LONG},acme,1,,,,", f"{LONG}2,acme,2,,,,", f"{LONG}3,acme,2,,,,", f"{LONG},fast,2,,,,true")
    response = upload(shop, KIND, file, mode="accept_valid")
    assert statuses(response) == ["created", "created", "rejected", "created"]
    conditions = shop.get(f"/products/{quote(LONG)}/suppliers").json()["items"]
    assert [(condition["supplier_id"], condition["is_primary"]) for condition in conditions] == [
        ("fast", True),
        ("acme", False),
    ]
    sold = shop.get("/suppliers/acme/products?page_size=200").json()["items"]
    assert {LONG, f"{LONG}2"} <= {product["item_id"] for product in sold}


def test_a_dry_run_tells_everything_and_writes_nothing(shop: TestClient) -> None:
    before = stored(shop)
    response = upload(shop, KIND, csv(HEADER, "cup,acme,9,,,,", "bowl,acme,1,,,,", "no,acme,1,,,,"), dry_run=True)
    assert statuses(response) == ["updated", "created", "rejected"]
    assert stored(shop) == before
    assert audit_entries(shop) == []


def test_items_that_no_catalog_holds_yet_can_be_linked(client: TestClient) -> None:
    Products(client.tenant).put_many([Product("cup", "Cup")])
    Suppliers(client.tenant).put_many([Supplier("acme", "Acme Ltd")])
    response = upload(client, KIND, csv(HEADER, "cup,acme,1,,,,", "bowl,acme,1,,,,"), mode="accept_valid")
    assert statuses(response) == ["created", "rejected"]
    assert set(stored(client)) == {("cup", "acme")}


@pytest.mark.parametrize("role", Role)
def test_buyers_import(shop: TestClient, role: Role) -> None:
    status = upload(shop, KIND, csv(HEADER, "cup,acme,1,,,,"), role=role).status_code
    assert status == (200 if role in (Role.ADMIN, Role.PROCUREMENT) else 403)


def test_another_clients_items_and_suppliers_are_unknown(
    shop: TestClient, new_client: Callable[[], TestClient]
) -> None:
    problem = assert_problem(upload(new_client(), KIND, csv(HEADER, "cup,acme,1,,,,")), 422, "import_rejected")
    assert found_errors(problem) == [("/rows/2/item_id", "unknown_item"), ("/rows/2/supplier_id", "unknown_supplier")]


def test_two_imports_at_once_leave_one_primary_supplier(shop: TestClient) -> None:
    files = [csv(HEADER, f"cup,{supplier},1,,,,yes") for supplier in ("fast", "acme", "fast", "acme")]
    threads = [threading.Thread(target=upload, args=(shop, KIND, file)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (primary,) = [condition.supplier_id for condition in stored(shop).values() if condition.is_primary]
    assert row(shop, "cup")["supplier_id"] == primary


def test_a_supplier_that_is_deleted_meanwhile_is_not_linked(shop: TestClient) -> None:
    names = [f"S{number}" for number in range(4)]
    Suppliers(shop.tenant).put_many([Supplier(name, name) for name in names])
    answers: dict[str, dict[str, requests.Response]] = {name: {} for name in names}

    def link(name: str) -> None:
        answers[name]["link"] = upload(shop, KIND, csv(HEADER, f"cup,{name},1,,,,"))

    def remove(name: str) -> None:
        answers[name]["remove"] = shop.call("DELETE", f"/suppliers/{name}")

    threads = [threading.Thread(target=act, args=(name,)) for name in names for act in (link, remove)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, answer in answers.items():
        linked = (name in {condition.supplier_id for condition in Conditions(shop.tenant).of_item("cup")}, name)
        if answer["remove"].status_code == 204:
            assert linked == (False, name)
            code = answer["link"].json()["code"]
            assert (answer["link"].status_code, code) in {(409, "supplier_deleted"), (422, "import_rejected")}
        else:
            assert linked == (True, name)
            assert_problem(answer["remove"], 409, "supplier_linked")


@pytest.fixture
def wide_shop(client: TestClient) -> TestClient:
    """120 items and one supplier, with a catalog of their documents."""
    client.stock([Product(f"item {number}", "Thing") for number in range(120)], {})
    Suppliers(client.tenant).put_many([Supplier("acme", "Acme Ltd", lead_time_days=9)])
    client.refresh(rebuild=True)
    return client


def test_a_large_import_is_followed_by_a_rebuild(wide_shop: TestClient) -> None:
    file = csv(HEADER, *(f"item {number},acme,1.25,,,," for number in range(60)))
    response = upload(wide_shop, KIND, file)
    assert response.json()["statuses"]["created"] == 60
    operation_id = response.json()["operation_id"]
    assert wide_shop.get(f"/operations/{operation_id}").json()["kind"] == "metrics_refresh.rebuild"
    done = eventually(lambda: wide_shop.get(f"/operations/{operation_id}").json()["finished_at"], "the rebuild")
    assert done
    assert row(wide_shop, "item 59")["supplier_cost"] == Decimal("1.25")
    assert row(wide_shop, "item 60")["supplier_id"] is None
    (entry,) = audit_entries(wide_shop)
    assert entry["after"]["created"] == 60
    assert not UnfinishedImports(wide_shop.tenant, KIND).any()
    again = upload(wide_shop, KIND, file).json()
    assert (again["statuses"]["unchanged"], again["operation_id"]) == (60, None)


def test_the_same_file_finishes_what_a_killed_request_left(shop: TestClient) -> None:
    """Killed after its last batch: every condition is there, the rebuild is not."""
    UnfinishedImports(shop.tenant, KIND).begin("killed")
    response = upload(shop, KIND, csv(HEADER, "cup,acme,1.75,,,,"))
    assert statuses(response) == ["unchanged"]
    assert shop.get(f"/operations/{response.json()['operation_id']}").status_code == 200
    assert not UnfinishedImports(shop.tenant, KIND).any()


def test_what_is_billed(shop: TestClient, meter: FirestoreMeter) -> None:
    upload(shop, KIND, csv(HEADER, "cup,acme,2,,,,"))
    meter.reset()
    assert statuses(upload(shop, KIND, csv(HEADER, "cup,acme,3,,,,", "bowl,fast,2,,,,"))) == ["updated", "created"]
    billed = meter.of(shop.client_id)
    assert billed.reads <= 15, billed
    assert billed.writes == 2 + 2 + 1 + 2 + 1 + 1, billed  # conditions, suppliers held, audit, items, edit, pointer
