"""Suppliers over HTTP: found by name, kept by buyers, none deleted that is in use."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from shared.catalog.edit import CatalogEdit, edit_item
from shared.catalog.live import current_catalog
from shared.domain.access.principal import Role
from shared.domain.errors import NotFound
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.conditions import Conditions
from shared.firestore.suppliers import Suppliers
from shared.http.paging import next_token
from tests.functions.suppliers.uploads import csv, upload
from tests.support.at_once import at_once
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.orders import order, put_order
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

ACME = {"supplier_id": "acme", "name": "Acme Ltd"}
FULL = ACME | {
    "external_id": "V-70001",
    "contact_name": "Ann Owner",
    "contact_email": "orders@acme.example",
    "contact_phone": "+44 20 7946 0000",
    "address": "1 Mill Lane\nLondon",
    "supplier_type": "Manufacturer",
    "payment_terms": "30 days net",
    "lead_time_days": 12,
    "minimum_order_value": 250.5,
    "notes": "Closed in August",
}
EMPTY = dict.fromkeys(set(FULL) - set(ACME))


def add(client: TestClient, supplier_id: str = "acme", name: str = "Acme Ltd", **fields: Any) -> Any:
    response = client.post("/suppliers", json={"supplier_id": supplier_id, "name": name} | fields)
    assert response.status_code == 201, response.text
    return response


def link(client: TestClient, *item_ids: str, supplier_id: str = "acme", name: str = "Acme Ltd") -> None:
    Conditions(client.tenant).put_many(
        [
            Condition(item, supplier_id, name, 10, Decimal("12.000"), Decimal("6.000"), Decimal("1.75"), True)
            for item in item_ids
        ]
    )


def listed(client: TestClient, query: str = "") -> list[str]:
    return [one["supplier_id"] for one in client.get(f"/suppliers?{query}").json()["items"]]


@pytest.fixture
def shop(client: TestClient) -> TestClient:
    """A client with a catalog of two items, sold by Acme."""
    rows = [
        {"item_id": item, "product_name": item.title(), "supplier_id": "acme", "supplier_name": "Acme Ltd"}
        for item in ("bowl", "cup")
    ]
    publish(client.tenant, catalog_rows(*rows))
    link(client, "cup", "bowl")
    add(client)
    return client


def test_a_supplier_is_added_and_found(client: TestClient) -> None:
    response = client.post("/suppliers", json=FULL)
    assert response.status_code == 201
    assert response.headers["Location"] == "/api/v1/suppliers/acme"
    made = response.json()
    assert {name: made[name] for name in FULL} == FULL
    assert '"minimum_order_value":250.50' in response.text
    assert made["is_synced"] is False
    found = client.get("/suppliers/acme")
    assert found.json() == made | {"products": [], "more_products": False, "orders": []}
    assert found.headers["ETag"] == response.headers["ETag"]
    assert client.get("/suppliers").json() == {
        "items": [made],
        "page": 1,
        "page_size": 50,
        "total": 1,
        "next_page_token": None,
    }


def test_what_is_left_out_is_null(client: TestClient) -> None:
    made = client.post("/suppliers", json=ACME).json()
    assert {name: made[name] for name in EMPTY} == EMPTY


def test_an_id_is_made_up_for_a_supplier_without_one(client: TestClient) -> None:
    made = [client.post("/suppliers", json={"name": name}).json()["supplier_id"] for name in ("Acme", "Best")]
    assert len(set(made)) == 2
    assert sorted(listed(client)) == sorted(made)


@pytest.mark.parametrize("supplier_id", ["a/b", "50%", "ünï", "漢字 1", "import", "products", "a/products"])
def test_an_id_may_hold_any_printable_character(client: TestClient, supplier_id: str) -> None:
    where = add(client, supplier_id).headers["Location"].removeprefix("/api/v1")
    assert where == f"/suppliers/{quote(supplier_id, safe='')}"
    assert client.get(where).json()["supplier_id"] == supplier_id
    assert client.get(f"{where}/products").json()["items"] == []


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"supplier_id": ""}, "/supplier_id"),
        ({"supplier_id": "."}, "/supplier_id"),
        ({"supplier_id": "=HYPERLINK()"}, "/supplier_id"),
        ({"supplier_id": "x" * 201}, "/supplier_id"),
        ({"supplier_id": "a\tb"}, "/supplier_id"),
        ({"name": " "}, "/name"),
        ({"name": None}, "/name"),
        ({"name": "+cmd"}, "/name"),
        ({"name": "\u202eltd"}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"contact_email": "acme.example"}, "/contact_email"),
        ({"contact_email": "a@b"}, "/contact_email"),
        ({"contact_email": "a@b.c,d@e.f"}, "/contact_email"),
        ({"contact_phone": "x" * 201}, "/contact_phone"),
        ({"notes": "x" * 501}, "/notes"),
        ({"notes": "a\u0000"}, "/notes"),
        ({"lead_time_days": -1}, "/lead_time_days"),
        ({"lead_time_days": 731}, "/lead_time_days"),
        ({"lead_time_days": 1.5}, "/lead_time_days"),
        ({"minimum_order_value": -0.01}, "/minimum_order_value"),
        ({"minimum_order_value": 0.001}, "/minimum_order_value"),
        ({"minimum_order_value": 1_000_000_001}, "/minimum_order_value"),
    ],
)
def test_what_a_supplier_cannot_be(client: TestClient, given: dict[str, Any], pointer: str) -> None:
    problem = assert_problem(client.post("/suppliers", json=ACME | given), 422, "invalid_input")
    assert [one["pointer"] for one in problem["errors"]] == [pointer]
    assert listed(client) == []


def test_unknown_fields_are_refused_by_name(client: TestClient) -> None:
    for field in ("is_synced", "created_at"):
        problem = assert_problem(client.post("/suppliers", json=ACME | {field: True}), 422, "unknown_field")
        assert field in problem["detail"]


def test_an_id_is_taken_once(client: TestClient) -> None:
    add(client)
    problem = assert_problem(client.post("/suppliers", json=ACME), 409, "supplier_exists")
    assert "'acme'" in problem["detail"]


@pytest.mark.parametrize("given", [ACME, {"name": "Acme Ltd"}])
def test_a_repeated_request_adds_one_supplier(client: TestClient, given: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "once"}
    first, second = (client.post("/suppliers", json=given, headers=key) for _ in range(2))
    assert (first.status_code, first.json(), first.headers["ETag"]) == (201, second.json(), second.headers["ETag"])
    assert len(listed(client)) == 1
    other = client.post("/suppliers", json=given | {"name": "Other"}, headers=key)
    assert_problem(other, 422, "idempotency_key_reused")


def test_a_request_killed_after_its_commit_can_be_repeated(client: TestClient) -> None:
    made = add(client).json()
    repeated = client.post("/suppliers", json=ACME, headers={"Idempotency-Key": "again"})
    assert (repeated.status_code, repeated.json()) == (201, made)
    other = client.post("/suppliers", json=ACME | {"name": "Other"}, headers={"Idempotency-Key": "other"})
    assert_problem(other, 409, "supplier_exists")


def test_they_are_listed_by_name_whatever_its_case(client: TestClient) -> None:
    for supplier_id, name in (("1", "beta"), ("2", "Alpha"), ("3", "Älvdalen"), ("4", "alphá"), ("5", "Zeta")):
        add(client, supplier_id, name)
    assert listed(client) == ["2", "4", "3", "1", "5"]
    found, query = [], "page_size=2"
    while query:
        page = client.get(f"/suppliers?{query}").json()
        found += [one["supplier_id"] for one in page["items"]]
        token = page["next_page_token"]
        query = f"page_size=2&page_token={token}" if token else ""
    assert found == listed(client)


@pytest.fixture(scope="module")
def searched(running: Any) -> TestClient:
    client = TestClient(running.base_url).create()
    names = {
        "SUP-01": "Bristol Paper Company",
        "SUP-02": "Paper & Card of Bath",
        "BATH-3": "Smith's Pots",
        "x": "Crème Brûlée Straße",
        "y": "Donaudampfschifffahrtsgesellschaftskapitän",
    }
    Suppliers(client.tenant).put_many([Supplier(key, name) for key, name in names.items()])
    return client


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("paper", ["SUP-01", "SUP-02"]),
        ("PAP", ["SUP-01", "SUP-02"]),
        ("paper bat", ["SUP-02"]),
        ("p", ["SUP-01", "SUP-02", "BATH-3"]),
        ("bath", ["SUP-02", "BATH-3"]),
        ("sup-0", ["SUP-01", "SUP-02"]),
        ("sup 02", ["SUP-02"]),
        ("aper", []),
        ("creme strasse", ["x"]),
        ("BRÛ", ["x"]),
        ("donaudampfschifffahrtsgesellschaftskapitan", ["y"]),
        ("donaudampfschifffahrtsgesellschaftskaptn", []),
        ("***", []),
        ("smith's", ["BATH-3"]),
    ],
)
def test_a_search_looks_at_the_beginnings_of_words(searched: TestClient, search: str, expected: list[str]) -> None:
    response = searched.get("/suppliers", params={"search": search})
    assert [one["supplier_id"] for one in response.json()["items"]] == expected


def test_a_blank_search_finds_all(searched: TestClient) -> None:
    for search in ("", "  "):
        assert len(searched.get("/suppliers", params={"search": search}).json()["items"]) == 5


def test_pages_of_a_search_follow_each_other(searched: TestClient) -> None:
    first = searched.get("/suppliers?search=p&page_size=2").json()
    second = searched.get(f"/suppliers?search=p&page_size=2&page_token={first['next_page_token']}").json()
    assert [one["supplier_id"] for one in first["items"] + second["items"]] == ["SUP-01", "SUP-02", "BATH-3"]
    assert second["next_page_token"] is None
    first = searched.get("/suppliers?search=sup p&page_size=1").json()
    second = searched.get(f"/suppliers?search=sup p&page_size=1&page_token={first['next_page_token']}").json()
    assert [one["supplier_id"] for one in first["items"] + second["items"]] == ["SUP-01", "SUP-02"]


def test_a_token_that_is_none_is_refused(client: TestClient) -> None:
    for token in ("%C3%A4", "bm9uZQ=="):
        problem = assert_problem(client.get(f"/suppliers?page_token={token}"), 422, "invalid_page_token")
        assert problem["errors"][0]["pointer"] == "query/page_token"


def test_a_search_of_several_words_counts_and_pages_all_that_it_finds(client: TestClient) -> None:
    names = [f"Paper {number:04d}" for number in range(150)] + ["Paper Zebra", "Zebra Works"]
    Suppliers(client.tenant).put_many([Supplier(name, name) for name in names])
    assert listed(client, "search=paper z") == ["Paper Zebra"]
    page = client.get("/suppliers?search=paper 01&page=3&page_size=20").json()
    assert ([supplier["name"] for supplier in page["items"]], page["total"]) == (names[140:150], 50)
    assert (page["page"], page["next_page_token"]) == (3, None)
    assert client.get("/suppliers?page=9").json()["total"] == 152
    assert listed(client, "search=z") == ["Paper Zebra", "Zebra Works"]


@pytest.fixture
def assorted(client: TestClient) -> TestClient:
    """Four suppliers that differ in what a list can be narrowed to and sorted by."""
    Suppliers(client.tenant).put_many(
        [
            Supplier("a", "Älpha", "V1", supplier_type="Maker", lead_time_days=5, minimum_order_value=Decimal(100)),
            Supplier("b", "beta", "V2", supplier_type="maker", lead_time_days=30, is_synced=True),
            Supplier("c", "Comma, Ltd", supplier_type="Wholesale, far", minimum_order_value=Decimal("99.50")),
            Supplier("d", "delta", lead_time_days=5),
        ]
    )
    return client


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abcd"),
        ("sort=-name", "dcba"),
        ("sort=lead_time_days", "adbc"),
        ("sort=-lead_time_days", "badc"),
        ("sort=-lead_time_days,-supplier_id", "bdac"),
        ("sort=minimum_order_value", "cabd"),
        ("sort=-external_id", "bacd"),
        ("sort=is_synced,-name", "dcab"),
        ("sort=-name,name", "dcba"),
        ("sort=created_at,name", "abcd"),
        ("sort=notes,-updated_at,-name", "dcba"),
        ("sort=-supplier_type,supplier_id", "cabd"),
        ("supplier_type=MAKER", "ab"),
        ("supplier_type=maker&supplier_type=wholesale, far", "abc"),
        ("supplier_type=maker,other", "ab"),
        ("is_synced=true", "b"),
        ("is_synced=false", "acd"),
        ("supplier_id=a,d", "ad"),
        ("external_id=V2&external_id=V1", "ab"),
        ("min_lead_time_days=5&max_lead_time_days=6", "ad"),
        ("min_minimum_order_value=99.5&max_minimum_order_value=99.5", "c"),
        ("search=v2", "b"),
        ("search=ltd&is_synced=true", ""),
    ],
)
def test_lists_are_narrowed_and_sorted(assorted: TestClient, query: str, expected: str) -> None:
    assert "".join(listed(assorted, query)) == expected
    found, following = "", f"{query}&page_size=1"
    while following:
        page = assorted.get(f"/suppliers?{following}").json()
        found += "".join(supplier["supplier_id"] for supplier in page["items"])
        token = page["next_page_token"]
        following = f"{query}&page_size=1&page_token={token}" if token else ""
    assert found == expected


@pytest.mark.parametrize(
    ("query", "code", "detail"),
    [
        ("sort=email", "unknown_sort", "cannot sort by 'email'; allowed: supplier_id, external_id, name"),
        ("sort=name,,", "unknown_sort", "cannot sort by ''"),
        ("is_synced=perhaps", "invalid_input", "is_synced"),
        ("min_lead_time_days=-1", "invalid_input", "min_lead_time_days"),
        ("email=a", "unknown_field", "unknown 'email'"),
    ],
)
def test_what_a_list_cannot_be_asked(client: TestClient, query: str, code: str, detail: str) -> None:
    assert detail in assert_problem(client.get(f"/suppliers?{query}"), 422, code)["detail"]


def test_a_position_of_another_order_is_refused(assorted: TestClient) -> None:
    by_days = assorted.get("/suppliers?sort=lead_time_days&page_size=1").json()["next_page_token"]
    by_name = assorted.get("/suppliers?page_size=1").json()["next_page_token"]
    three = assorted.get("/suppliers?sort=name,lead_time_days&page_size=1").json()["next_page_token"]
    strange = ['["\\ud800", "a"]', "[" * 5_000, "[1, 2]", '{"a": 1}', '["a", null, "b"]', "[]"]
    tokens = [next_token(2, position) for position in strange]
    for query in (
        f"page_token={three}",
        f"sort=lead_time_days&page_token={by_name}",
        f"sort=created_at&page_token={by_name}",
        "page_token=e30=",
        *(f"page_token={token}" for token in tokens),
    ):
        assert_problem(assorted.get(f"/suppliers?{query}"), 422, "invalid_page_token")
    assert listed(assorted, f"page_token={by_name}&page_size=50") == ["b", "c", "d"]
    assert by_days


def test_the_list_says_of_each_what_its_document_says(shop: TestClient) -> None:
    add(shop, "full", "Full", **{name: value for name, value in FULL.items() if name not in ACME})
    add(shop, "two", "Two")
    shop.call("PUT", "/suppliers/two", json={"name": "Two", "notes": "changed"})
    again = shop.call("PUT", "/suppliers/two", json={"name": "Two", "notes": "changed"})
    upload(shop, "suppliers", csv("supplier_id,name,notes", "three,Three,", "acme,Acme Ltd,by file"))
    suppliers = {supplier["supplier_id"]: supplier for supplier in shop.get("/suppliers").json()["items"]}
    assert len(suppliers) == 4
    for supplier_id, supplier in suppliers.items():
        detail = shop.get(f"/suppliers/{supplier_id}").json()
        assert {name: detail[name] for name in supplier} == supplier
    assert suppliers["two"] == again.json()
    assert suppliers["acme"]["created_at"] < suppliers["acme"]["updated_at"]
    by_age = shop.get("/suppliers?sort=-created_at&page_size=3").json()
    assert [supplier["supplier_id"] for supplier in by_age["items"]] == ["three", "two", "full"]
    rest = shop.get(f"/suppliers?sort=-created_at&page_token={by_age['next_page_token']}").json()
    assert [supplier["supplier_id"] for supplier in rest["items"]] == ["acme"]


def test_asking_again_costs_a_read_until_a_supplier_changes(shop: TestClient, meter: FirestoreMeter) -> None:
    first = shop.get("/suppliers")
    tag = {"If-None-Match": first.headers["ETag"]}
    meter.reset()
    assert shop.get("/suppliers", headers=tag).status_code == 304
    assert meter.of(shop.client_id).reads == 1
    shop.call("PUT", "/suppliers/acme", json={"name": "Acme & Sons"})
    again = shop.get("/suppliers", headers=tag)
    assert (again.status_code, again.json()["items"][0]["name"]) == (200, "Acme & Sons")


def test_the_detail_has_products_and_orders(shop: TestClient) -> None:
    for number in range(1, 23):
        put_order(shop, order(number, item_ids=("cup", "bowl"), status="received" if number > 3 else "pending"))
    put_order(shop, order(99, supplier_id="other"))
    detail = shop.get("/suppliers/acme").json()
    assert [(one["item_id"], one["product_name"]) for one in detail["products"]] == [("bowl", "Bowl"), ("cup", "Cup")]
    assert detail["products"][0] == {
        "item_id": "bowl",
        "sku": None,
        "product_name": "Bowl",
        "category": "Uncategorized",
        "lead_time_days": 10,
        "moq": 12,
        "packaging_qty": 6,
        "supplier_cost": 1.75,
        "is_primary": True,
        "supplier_sku": None,
        "packaging_unit": None,
        "notes": None,
        "is_synced": False,
    } | {name: detail["products"][0][name] for name in ("created_at", "updated_at")}
    assert [one["po_number"] for one in detail["orders"]] == [f"PO-2024-{number:06d}" for number in range(1, 21)]
    assert detail["orders"][0] == {
        "id": "order-1",
        "po_number": "PO-2024-000001",
        "status": "pending",
        "order_date": "2024-06-02",
        "expected_delivery_date": "2024-06-13",
        "location_id": "LONDON",
        "line_count": 2,
        "currency": "GBP",
        "total_amount": 50,
    }


def test_the_detail_shows_the_first_products_and_says_that_there_are_more(client: TestClient) -> None:
    add(client)
    link(client, *(f"item {number:03d}" for number in range(51)))
    detail = client.get("/suppliers/acme").json()
    assert len(detail["products"]) == 50
    assert detail["more_products"] is True


def test_products_are_paged_by_item(shop: TestClient) -> None:
    link(shop, "not in the catalog")
    link(shop, "cup", supplier_id="other")
    first = shop.get("/suppliers/acme/products?page_size=2").json()
    assert [one["item_id"] for one in first["items"]] == ["bowl", "cup"]
    second = shop.get(f"/suppliers/acme/products?page_size=2&page_token={first['next_page_token']}").json()
    assert [(one["item_id"], one["product_name"]) for one in second["items"]] == [("not in the catalog", None)]
    assert second["next_page_token"] is None


def test_products_are_shown_before_the_first_metrics(client: TestClient) -> None:
    add(client)
    link(client, "cup")
    assert [one["product_name"] for one in client.get("/suppliers/acme/products").json()["items"]] == [None]


def test_put_replaces_all_fields(client: TestClient) -> None:
    made = client.post("/suppliers", json=FULL).json()
    response = client.call("PUT", "/suppliers/acme", json={"name": "Acme"})
    changed = response.json()
    assert changed == made | EMPTY | {"name": "Acme", "updated_at": changed["updated_at"]}
    assert made["created_at"] == made["updated_at"] < changed["updated_at"]
    assert listed(client, "search=acme") == ["acme"]


def test_a_new_name_shows_everywhere_at_once(shop: TestClient) -> None:
    assert current_catalog(shop.tenant).items.frame["supplier_name"].to_list() == ["Acme Ltd", "Acme Ltd"]
    body = {"name": "Zenith", "minimum_order_value": 99}
    assert shop.call("PUT", "/suppliers/acme", json=body).status_code == 200
    catalog = current_catalog(shop.tenant)
    shown = catalog.suppliers.select("supplier_id", "name", "minimum_order_value")
    assert shown.rows() == [("acme", "Zenith", Decimal("99.00"))]
    assert catalog.items.frame["supplier_name"].to_list() == ["Zenith", "Zenith"]
    assert {one.supplier_name for one in Conditions(shop.tenant).of_item("cup")} == {"Zenith"}
    assert listed(shop, "search=zen") == ["acme"]
    assert listed(shop, "search=ltd") == []


def test_copies_of_a_name_that_a_killed_request_left_are_brought_in_line_by_the_next(shop: TestClient) -> None:
    link(shop, *(f"item {number}" for number in range(5)), name="Of long ago")
    link(shop, "item 0", supplier_id="other", name="Of long ago")
    shop.call("PUT", "/suppliers/acme", json={"name": "Acme Ltd"})
    names = {
        (one.supplier_id, one.supplier_name) for terms in Conditions(shop.tenant).by_item().values() for one in terms
    }
    assert names == {("acme", "Acme Ltd"), ("other", "Of long ago")}


@pytest.mark.parametrize(("method", "body"), [("PUT", {"name": "x"}), ("DELETE", None)])
def test_a_version_is_honoured(client: TestClient, method: str, body: Any) -> None:
    stale = add(client).headers["ETag"]
    fresh = client.call("PUT", "/suppliers/acme", json={"name": "New"}, headers={"If-Match": stale}).headers["ETag"]
    refused = client.call(method, "/suppliers/acme", json=body, headers={"If-Match": stale})
    assert fresh.strip('"') in assert_problem(refused, 412, "stale_version")["detail"]
    assert client.get("/suppliers/acme").json()["name"] == "New"
    assert client.call(method, "/suppliers/acme", json=body, headers={"If-Match": fresh}).status_code in (200, 204)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/suppliers/nobody", None),
        ("GET", "/suppliers/nobody/products", None),
        ("PUT", "/suppliers/nobody", {"name": "x"}),
        ("DELETE", "/suppliers/nobody", None),
    ],
)
def test_a_supplier_that_is_not_there(client: TestClient, method: str, path: str, body: Any) -> None:
    problem = assert_problem(client.call(method, path, json=body), 404, "supplier_not_found")
    assert "'nobody'" in problem["detail"]


@pytest.mark.parametrize(("method", "body"), [("PUT", {"name": "x"}), ("DELETE", None)])
def test_a_synced_supplier_is_left_to_its_own_system(client: TestClient, method: str, body: Any) -> None:
    Suppliers(client.tenant).put_many([Supplier("acme", "Acme Ltd", is_synced=True)])
    problem = assert_problem(client.call(method, "/suppliers/acme", json=body), 409, "supplier_is_synced")
    assert "your own system" in problem["detail"]
    assert client.get("/suppliers/acme").json()["name"] == "Acme Ltd"


def test_what_a_sync_never_brings_is_changed_here(client: TestClient) -> None:
    full = Supplier("acme", "Acme Ltd", "V1", payment_terms="30 days", lead_time_days=5, is_synced=True)
    Suppliers(client.tenant).put_many([full])
    body = {"name": "Acme Ltd", "contact_name": "Ann", "contact_email": "a@b.example", "notes": "by phone"}
    changed = client.call("PUT", "/suppliers/acme", json=body).json()
    assert {name: changed[name] for name in body} == body
    assert (changed["payment_terms"], changed["lead_time_days"], changed["external_id"]) == ("30 days", 5, "V1")
    same = {name: changed[name] for name in (*EMPTY, "name")} | {"contact_phone": "1", "notes": None}
    assert client.call("PUT", "/suppliers/acme", json=same).json()["contact_phone"] == "1"
    for field, value in (("name", "Other"), ("lead_time_days", 6), ("external_id", None), ("address", "Here")):
        refused = client.call("PUT", "/suppliers/acme", json=same | {field: value})
        assert f"change {field} there" in assert_problem(refused, 409, "supplier_is_synced")["detail"]


@pytest.mark.parametrize("name", ["ACME LTD", " Acme  Ltd ", "Ａｃｍｅ Ltd", "Ac\u200dme Ltd"])
def test_no_two_suppliers_share_a_name(client: TestClient, name: str) -> None:
    add(client)
    refused = client.post("/suppliers", json={"supplier_id": "b", "name": name})
    problem = assert_problem(refused, 409, "supplier_name_taken")
    assert "supplier 'acme' has the name" in problem["detail"]
    add(client, "b", "Acme", external_id="7")
    assert_problem(client.call("PUT", "/suppliers/b", json={"name": name}), 409, "supplier_name_taken")
    assert_problem(client.post("/suppliers", json={"name": "C", "external_id": "7"}), 409, "external_id_taken")
    assert sorted(listed(client)) == ["acme", "b"]


def test_a_name_that_is_given_up_is_free(client: TestClient) -> None:
    add(client)
    assert client.call("PUT", "/suppliers/acme", json={"name": "ACME ltd"}).status_code == 200
    assert client.call("PUT", "/suppliers/acme", json={"name": "Zenith"}).status_code == 200
    add(client, "b")
    assert_problem(client.call("PUT", "/suppliers/acme", json={"name": "Acme Ltd"}), 409, "supplier_name_taken")
    assert_problem(client.post("/suppliers", json={"name": "zenith"}), 409, "supplier_name_taken")


def test_of_two_that_ask_for_a_name_at_once_one_gets_it(client: TestClient) -> None:
    add(client, "old", "Old")
    bodies = [{"supplier_id": f"s{number}", "name": "Acme" if number % 2 else "ACME"} for number in range(6)]
    calls = [partial(client.post, "/suppliers", json=body) for body in bodies]
    responses = at_once(*calls, partial(client.call, "PUT", "/suppliers/old", json={"name": "Acme"}))
    statuses = sorted(response.status_code for response in responses)
    assert statuses in ([200, *[409] * 6], [201, *[409] * 6])
    names = [supplier["name"] for supplier in client.get("/suppliers?search=acme").json()["items"]]
    assert [name.casefold() for name in names] == ["acme"]


def test_a_supplier_is_deleted(shop: TestClient) -> None:
    add(shop, "other", "Other", external_id="7")
    assert shop.call("DELETE", "/suppliers/other").status_code == 204
    assert listed(shop) == ["acme"]
    assert current_catalog(shop.tenant).suppliers["supplier_id"].to_list() == ["acme"]
    add(shop, "another", "Other", external_id="7")


def test_a_supplier_that_sells_something_stays(shop: TestClient) -> None:
    problem = assert_problem(shop.call("DELETE", "/suppliers/acme"), 409, "supplier_linked")
    assert "sells bowl, cup:" in problem["detail"]
    link(shop, "a", "b", "c")
    problem = assert_problem(shop.call("DELETE", "/suppliers/acme"), 409, "supplier_linked")
    assert "sells a, b, bowl and more:" in problem["detail"]
    assert listed(shop) == ["acme"]


@pytest.mark.parametrize("status", ["pending", "received", "cancelled"])
def test_a_supplier_that_was_ordered_from_stays(client: TestClient, status: str) -> None:
    add(client)
    put_order(client, order(7, status=status))
    problem = assert_problem(client.call("DELETE", "/suppliers/acme"), 409, "supplier_ordered_from")
    assert "(PO-2024-000007)" in problem["detail"]
    assert listed(client) == ["acme"]


@pytest.mark.parametrize("role", Role)
def test_buyers_write_and_everyone_reads(client: TestClient, role: Role) -> None:
    Suppliers(client.tenant).put_many([Supplier("synced", "Synced", is_synced=True)])
    writes = {
        client.post("/suppliers", role=role, json=ACME).status_code,
        client.call("PUT", "/suppliers/acme", role=role, json={"name": "x"}).status_code,
        client.call("DELETE", "/suppliers/acme", role=role).status_code,
    }
    assert writes == ({201, 200, 204} if role in (Role.ADMIN, Role.PROCUREMENT) else {403})
    for path in ("/suppliers", "/suppliers/synced", "/suppliers/synced/products"):
        assert client.get(path, role=role).status_code == 200


def test_a_client_sees_its_own_suppliers_only(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    add(client)
    other = new_client()
    assert listed(other) == listed(other, "search=acme") == []
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
        assert_problem(other.call(method, "/suppliers/acme", json=body), 404, "supplier_not_found")
    link(other, "cup")
    assert client.call("DELETE", "/suppliers/acme").status_code == 204


def test_what_is_billed(shop: TestClient, meter: FirestoreMeter) -> None:
    def reads(path: str) -> int:
        meter.reset()
        assert shop.get(path).status_code == 200
        return meter.of(shop.client_id).reads

    current_catalog(shop.tenant)
    for number in range(30):
        add(shop, f"s{number}", f"Supplier {number}")
    shop.get("/suppliers")
    assert reads("/suppliers") == 1  # the catalog's pointer
    assert reads("/suppliers?search=supplier 1&sort=-lead_time_days&page_size=5&page=2") == 1
    assert reads("/suppliers/acme/products") == 1 + 2 + 1
    assert reads("/suppliers/acme") == 1 + 2 + 1 + 1
    meter.reset()
    add(shop, "other", "Other")
    billed = meter.of(shop.client_id)
    assert (billed.reads, billed.writes) == (3, 4), billed


def test_a_supplier_is_not_deleted_under_a_link_that_is_made_meanwhile(shop: TestClient) -> None:
    """Either the link comes first and the supplier stays, or the supplier goes first and the link is refused."""
    names = [f"S{number}" for number in range(4)]
    for name in names:
        add(shop, name, name)
    outcomes: dict[str, list[bool]] = {name: [False, False] for name in names}

    def make_link(name: str) -> None:
        terms = Condition("cup", name, name, 1, Decimal(1), Decimal(1), Decimal(1), is_primary=False)

        def work(edit: CatalogEdit) -> None:
            Suppliers(shop.tenant).get(name, edit.transaction)
            Conditions(shop.tenant).put(edit.transaction, terms)
            edit.set_conditions("cup", [*Conditions(shop.tenant).of_item("cup"), terms])

        with contextlib.suppress(NotFound):
            edit_item(shop.tenant, "cup", work)
            outcomes[name][0] = True

    def remove(name: str) -> None:
        outcomes[name][1] = shop.call("DELETE", f"/suppliers/{name}").status_code == 204

    threads = [threading.Thread(target=act, args=(name,)) for name in names for act in (make_link, remove)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(linked != removed for linked, removed in outcomes.values()), outcomes
