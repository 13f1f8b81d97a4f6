"""The import of suppliers over HTTP."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from shared.catalog.live import current_catalog
from shared.config import config
from shared.domain.access.audit import Actor
from shared.domain.access.principal import Role
from shared.domain.errors import Conflict
from shared.domain.imports.supplier_import import SUPPLIER_FIELDS
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.conditions import Conditions
from shared.firestore.suppliers import Suppliers
from shared.firestore.unfinished_imports import UnfinishedImports
from shared.imports.direct_import import DirectImport
from shared.imports.import_options import ImportMode
from shared.imports.kinds.suppliers import write_at_once
from tests.functions.suppliers.uploads import (
    csv,
    errors_of_problem,
    errors_of_rows,
    found_errors,
    is_said,
    statuses,
    upload,
)
from tests.support.at_once import at_once
from tests.support.catalogs import catalog_rows, publish
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

HEADER = "supplier_id,name,contact_email,lead_time_days,minimum_order_value"
KIND = "suppliers"


def stored(client: TestClient) -> dict[str, Supplier]:
    return {supplier.supplier_id: supplier for supplier in Suppliers(client.tenant).every()}


def test_suppliers_are_added_and_changed(client: TestClient) -> None:
    client.post("/suppliers", json={"supplier_id": "b", "name": "Old", "contact_phone": "1", "lead_time_days": 3})
    client.post("/suppliers", json={"supplier_id": "c", "name": "Same"})
    file = csv(HEADER, "a,Acme & Söhne,a@b.example,12,250.5", "b,New,,,", "c,Same,,,")
    response = upload(client, KIND, file)
    assert response.json() == {
        "dry_run": False,
        "counts": {"read": 3, "accepted": 3, "rejected": 0},
        "statuses": {"created": 1, "updated": 1, "unchanged": 1, "rejected": 0},
        "operation_id": None,
        "columns": {name: name for name in HEADER.split(",")},
        "ignored_columns": [],
        "results": [
            {"row": 2, "supplier_id": "a", "status": "created", "errors": []},
            {"row": 3, "supplier_id": "b", "status": "updated", "errors": []},
            {"row": 4, "supplier_id": "c", "status": "unchanged", "errors": []},
        ],
    }
    suppliers = stored(client)
    assert (suppliers["a"].name, suppliers["a"].contact_email) == ("Acme & Söhne", "a@b.example")
    assert (suppliers["a"].lead_time_days, suppliers["a"].minimum_order_value) == (12, Decimal("250.50"))
    assert (suppliers["b"].name, suppliers["b"].contact_phone, suppliers["b"].lead_time_days) == ("New", "1", 3)
    assert statuses(upload(client, KIND, file)) == ["unchanged"] * 3
    assert [supplier["supplier_id"] for supplier in client.get("/suppliers?search=acme").json()["items"]] == ["a"]


def test_a_file_of_a_spreadsheet_is_read(client: TestClient) -> None:
    file = codecs.BOM_UTF8 + csv(" Name ,SUPPLIER_ID", '"Smith, Jones\r\n& Co", a ', "", '"Say ""hi""",b', "")
    assert statuses(upload(client, KIND, file)) == ["created", "created"]
    assert {key: supplier.name for key, supplier in stored(client).items()} == {
        "a": "Smith, Jones & Co",
        "b": 'Say "hi"',
    }


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\nLief.-Nr.;Firma;E-Mail;Mindestbestellwert;Farbe\r\nK-1;Käfer;a@b.example;1.240,50;rot".encode(
            "cp1252"
        ),
        "Lieferanten\nLief.-Nr.\tFirma\tE-Mail\tMindestbestellwert\tFarbe\nK-1\tKäfer\ta@b.example\t1.240,50\trot".encode(
            "utf-16"
        ),
    ],
)
def test_a_file_of_a_system_is_read_as_every_import_reads_it(client: TestClient, content: bytes) -> None:
    answer = upload(client, KIND, content).json()
    assert answer["counts"] == {"read": 1, "accepted": 1, "rejected": 0}, answer
    assert (answer["columns"]["external_id"], answer["ignored_columns"]) == ("Lief.-Nr.", ["Farbe"])
    (supplier,) = stored(client).values()
    assert (supplier.external_id, supplier.name, supplier.minimum_order_value) == ("K-1", "Käfer", Decimal("1240.50"))


def test_a_question_is_answered_in_the_form(client: TestClient) -> None:
    file = csv("name;minimum_order_value", "a;1.240")
    assert upload(client, KIND, file, decimal_mark=",").status_code == 200
    assert next(iter(stored(client).values())).minimum_order_value == 1240


@pytest.mark.parametrize(
    ("content", "code", "detail"),
    [
        (b"", "empty_file", "the file is empty"),
        (codecs.BOM_UTF8 + b" \r\n", "empty_file", "the file is empty"),
        (csv(HEADER), "empty_file", "a header and no rows"),
        ("supplier_id,name\r\na,b".encode("utf-16-le"), "nul_byte", "byte 2 of the file is NUL"),
        (b"PK\x03\x04\x14\x00\x06", "nul_byte", "byte 6 of the file is NUL"),
        (csv("supplier_id", "a"), "missing_columns", "the file has no column 'name'; it has 'supplier_id'"),
        (
            csv("Nome;Telefono;Tel.", "a;1;2"),
            "missing_columns",
            "'Telefono', 'Tel.' may be it; rename one to contact_p",
        ),
        (csv("name;minimum_order_value", "a;1.240"), "ambiguous_numbers", "say decimal_mark"),
        ("name\r\nSmørrebrød\r\n".encode("cp1252"), "ambiguous_encoding", "say `encoding`"),
        (csv('"supplier_id', "a,b"), "unreadable_file", "the header cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read(client: TestClient, content: bytes, code: str, detail: str) -> None:
    for mode in ("all_or_nothing", "accept_valid"):
        problem = assert_problem(upload(client, KIND, content, mode=mode), 422, code)
        assert detail in problem["detail"]
        assert problem["errors"]
    assert stored(client) == {}


# A row, and what is said of it: the field, the code, and a part of the detail. Row 2 is a good one.
BAD_ROWS: Sequence[tuple[str, str | None, str, str]] = (
    ("b,GOOD,,,", "name", "supplier_name_taken", "row 2 gives the name 'GOOD' to another supplier"),
    ("b,Synced,,,", "name", "supplier_name_taken", "supplier 'synced' has the name 'Synced' already"),
    ("a,,,,", "name", "required", "name is empty"),
    ("a, ,,,", "name", "required", "name is empty"),
    (f"{'x' * 201},x,,,", "supplier_id", "format", "has 201 characters, at most 200"),
    (f"{'x' * 501},x,,,", "supplier_id", "format", "has 501 characters, at most 500"),
    (f"a,{'x' * 201},,,", "name", "format", "has 201 characters"),
    ("..,dots,,,", "supplier_id", "format", "'..' cannot be part of an address"),
    ("=1+1,x,,,", "supplier_id", "formula", "'=1+1' begins with a character"),
    ("a,@SUM(A1),,,", "name", "formula", "'@SUM(A1)' begins"),
    ("a,-x,,,", "name", "formula", "begins"),
    ("a,x\u202ey,,,", "name", "format", "cannot be printed"),
    ("a\u200cb,x,,,", "supplier_id", "format", "cannot be printed"),
    ("a\x1bb,x,,,", "supplier_id", "format", "cannot be printed"),
    ("a,x,nobody,,", "contact_email", "format", "'nobody' is no email address"),
    ("a,x,,-1,", "lead_time_days", "negative", "lead_time_days -1 is below 0"),
    ("a,x,,731,", "lead_time_days", "range", "lead_time_days 731 is above 730"),
    ("a,x,,1.5,", "lead_time_days", "format", "'1.5' is no whole number"),
    ("a,x,,soon,", "lead_time_days", "format", "'soon' is no number"),
    ("a,x,,,-0.01", "minimum_order_value", "negative", "below 0"),
    ("a,x,,,1000000001", "minimum_order_value", "range", "above 1000000000"),
    ('a,x,,,"1,5,0"', "minimum_order_value", "format", "'1,5,0' is no number"),
    ("a,x,,", None, "malformed_row", "the row has 4 cells, the header has 5"),
    ("a,x,,,,z", None, "malformed_row", "the row has 6 cells"),
    ('a,x,"b"c,,', "contact_email", "format", "is no email address"),
    ("a,\u200c,,,", "name", "format", "cannot be printed"),
    ("synced,x,,,", "supplier_id", "supplier_is_synced", "'synced' is kept by your own system"),
    ("good,x,,,", None, "duplicate", "row 2 already gives this supplier_id"),
    ('a,"x,,', None, "malformed_row", "is no CSV: unexpected end of data"),  # and what follows is read
)


@pytest.mark.parametrize("mode", ["all_or_nothing", "accept_valid"])
def test_rows_that_cannot_be_taken(client: TestClient, mode: str) -> None:
    Suppliers(client.tenant).put_many([Supplier("synced", "Synced", is_synced=True)])
    response = upload(client, KIND, csv(HEADER, "good,Good,,,", *(row for row, *_ in BAD_ROWS)), mode=mode)
    if mode == "accept_valid":
        assert statuses(response) == ["created", *["rejected"] * len(BAD_ROWS)]
        assert response.json()["counts"] == {"read": len(BAD_ROWS) + 1, "accepted": 1, "rejected": len(BAD_ROWS)}
        errors = errors_of_rows(response.json())
    else:
        problem = assert_problem(response, 422, "import_rejected")
        assert f"{len(BAD_ROWS)} of {len(BAD_ROWS) + 1} rows were rejected" in problem["detail"]
        errors = errors_of_problem(problem)
    for number, (row, *expected) in enumerate(BAD_ROWS, start=3):
        assert any(is_said(expected, error) for error in errors[number]), (row, errors[number])
    assert set(stored(client)) == ({"synced", "good"} if mode == "accept_valid" else {"synced"})
    assert stored(client)["synced"].name == "Synced"


def test_all_errors_of_a_row_are_named(client: TestClient) -> None:
    problem = assert_problem(upload(client, KIND, csv(HEADER, "a,=x,nobody,-1,soon")), 422, "import_rejected")
    assert sorted(found_errors(problem)) == [
        ("/rows/2/contact_email", "format"),
        ("/rows/2/lead_time_days", "negative"),
        ("/rows/2/minimum_order_value", "format"),
        ("/rows/2/name", "formula"),
    ]


def test_a_thousand_errors_are_listed_and_the_others_counted(client: TestClient) -> None:
    file = csv(HEADER, *(f"s{number},,,," for number in range(1200)))
    problem = assert_problem(upload(client, KIND, file), 422, "import_rejected")
    assert len(problem["errors"]) == 1000
    assert problem["errors"][-1]["pointer"] == "/rows/1001/name"
    assert "1200 of 1200 rows were rejected with 1200 errors; 200 more are not listed" in problem["detail"]


@pytest.mark.parametrize("mode", ["all_or_nothing", "accept_valid"])
def test_a_dry_run_tells_everything_and_writes_nothing(client: TestClient, mode: str) -> None:
    client.post("/suppliers", json={"supplier_id": "b", "name": "Old"})
    before = stored(client)
    response = upload(client, KIND, csv(HEADER, "a,A,,,", "b,New,,,", "c,,,,"), dry_run=True, mode=mode)
    assert statuses(response) == ["created", "updated", "rejected"]
    assert response.json()["dry_run"] is True
    assert stored(client) == before


def test_too_many_rows_are_refused(client: TestClient) -> None:
    file = csv("supplier_id,name", *(f"{number},x" for number in range(100_001)))
    problem = assert_problem(upload(client, KIND, file), 422, "too_many_rows")
    assert "more than 100,000 rows" in problem["detail"]


@pytest.mark.parametrize(
    ("form", "code", "pointer"),
    [
        ({"mode": "some"}, "invalid_input", "form/mode"),
        ({"dry_run": "perhaps"}, "invalid_input", "form/dry_run"),
        ({"colour": "red"}, "unknown_field", "form/colour"),
    ],
)
def test_a_form_that_is_wrong(client: TestClient, form: dict[str, str], code: str, pointer: str) -> None:
    problem = assert_problem(upload(client, KIND, csv(HEADER, "a,b,,,"), **form), 422, code)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_a_form_without_a_file(client: TestClient) -> None:
    assert_problem(client.post("/suppliers/import", data={"file": "a,b"}), 415, "unsupported_media_type")
    for field in ("dry_run", "file"):
        parts = {field: (None, "true")}  # no file name: it is text
        assert_problem(client.post("/suppliers/import", files=parts), 422, "invalid_input")


def test_a_file_that_is_too_large(client: TestClient) -> None:
    assert_problem(upload(client, KIND, b"x" * (33 * 1024**2)), 413, "body_too_large")


def test_other_bodies_of_this_function_are_as_short_as_elsewhere(client: TestClient) -> None:
    body = {"supplier_id": "a", "name": "x" * 2**20}
    problem = assert_problem(client.post("/suppliers", json=body), 413, "body_too_large")
    assert "1,048,576" in problem["detail"]


def test_a_supplier_is_found_by_its_number_or_its_name(client: TestClient) -> None:
    Suppliers(client.tenant).put_many([Supplier("a", "Acme", "V1"), Supplier("b", "Best"), Supplier("c", "Cork", "V3")])
    header = "supplier_id,external_id,name,notes"
    rows = (
        ",V1,Acme International,1",  # by its number
        ",,best,2",  # by its name
        ",V4,New,3",  # nobody: it is added
        ",,Nameless,4",
        "d,V5,Delta,5",
        ",V5,Other,6",  # that of the row before
        ",V6,Cork,7",  # the name of one with another number
        "c,V1,Cork,8",  # the number of another one
        ",V4,Newer,9",  # a second row of one that is added
    )
    tried = upload(client, KIND, csv(header, *rows), mode="accept_valid", dry_run=True)
    response = upload(client, KIND, csv(header, *rows), mode="accept_valid")
    results = response.json()["results"]
    expected = ["updated", "updated", "created", "created", "created", *["rejected"] * 4]
    assert statuses(response) == statuses(tried) == expected
    rejects = [[error["code"] for error in result["errors"]] for result in results[5:]]
    assert rejects == [
        ["external_id_taken"],
        ["supplier_name_taken"],
        ["external_id_taken", "external_id_taken", "supplier_name_taken"],  # in store, and in rows before
        ["duplicate"],
    ]
    assert [result["supplier_id"] for result in results[:2]] == ["a", "b"]
    assert [result["supplier_id"] for result in tried.json()["results"][2:4]] == [None, None]
    suppliers = stored(client)
    assert {supplier.name for supplier in suppliers.values()} == {
        "Acme International",
        "best",
        "New",
        "Nameless",
        "Delta",
        "Cork",
    }
    made = suppliers[results[2]["supplier_id"]]
    assert (made.name, made.external_id, made.notes) == ("New", "V4", "3")
    again = upload(client, KIND, csv(header, *rows[:5]))
    assert statuses(again) == ["unchanged"] * 5
    assert [result["supplier_id"] for result in again.json()["results"]] == [
        result["supplier_id"] for result in results[:5]
    ]


def test_a_number_is_given_to_the_supplier_of_that_name(client: TestClient) -> None:
    client.post("/suppliers", json={"supplier_id": "a", "name": "Acme"})
    assert statuses(upload(client, KIND, csv("external_id,name", "V1,ACME"))) == ["updated"]
    assert (stored(client)["a"].external_id, stored(client)["a"].name) == ("V1", "ACME")
    assert_problem(client.post("/suppliers", json={"name": "B", "external_id": "V1"}), 409, "external_id_taken")


def test_two_files_at_once_give_a_name_to_one_supplier(client: TestClient) -> None:
    many = [f"s{number},Name {number}" for number in range(150)]
    files = [csv("supplier_id,name", f"{who},Acme", *many) for who in ("a", "b")]
    responses = at_once(*(partial(upload, client, KIND, file) for file in files))
    codes = sorted(response.status_code for response in responses)
    assert codes in ([200, 409], [200, 422])
    assert [supplier.name for supplier in stored(client).values()].count("Acme") == 1


@pytest.mark.parametrize("role", Role)
def test_buyers_import(client: TestClient, role: Role) -> None:
    status = upload(client, KIND, csv("supplier_id,name", "a,b"), role=role).status_code
    assert status == (200 if role in (Role.ADMIN, Role.PROCUREMENT) else 403)


def test_another_client_has_suppliers_of_its_own(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    Suppliers(new_client().tenant).put_many([Supplier("a", "Theirs", is_synced=True)])
    assert statuses(upload(client, KIND, csv("supplier_id,name", "a,Ours"))) == ["created"]


def linked(client: TestClient, *supplier_ids: str) -> None:
    terms: Any = (10, Decimal("1.000"), Decimal("1.000"), Decimal("1.00"), True)
    Conditions(client.tenant).put_many([Condition("cup", supplier_id, "Old", *terms) for supplier_id in supplier_ids])


def test_new_names_show_in_lists_and_conditions_at_once(client: TestClient) -> None:
    publish(client.tenant, catalog_rows({"item_id": "cup", "supplier_id": "a", "supplier_name": "Old"}))
    client.post("/suppliers", json={"supplier_id": "a", "name": "Old"})
    linked(client, "a")
    assert statuses(upload(client, KIND, csv("supplier_id,name", "a,New", "b,B"))) == ["updated", "created"]
    catalog = current_catalog(client.tenant)
    assert catalog.items.frame["supplier_name"].to_list() == ["New"]
    assert sorted(catalog.suppliers["name"]) == ["B", "New"]
    assert [condition.supplier_name for condition in Conditions(client.tenant).of_item("cup")] == ["New"]
    assert not UnfinishedImports(client.tenant, "suppliers").any()


def test_a_large_import_is_followed_by_a_rebuild(client: TestClient) -> None:
    publish(client.tenant, catalog_rows({"item_id": "cup", "supplier_id": "s1", "supplier_name": "Old"}))
    Suppliers(client.tenant).put_many([Supplier("s1", "Old")])
    linked(client, "s1")
    response = upload(client, KIND, csv("supplier_id,name", *(f"s{number},Name {number}" for number in range(201))))
    assert response.json()["statuses"] == {"created": 200, "updated": 1, "unchanged": 0, "rejected": 0}
    operation = client.get(f"/operations/{response.json()['operation_id']}").json()
    assert operation["kind"] == "metrics_refresh.rebuild"
    assert [condition.supplier_name for condition in Conditions(client.tenant).of_item("cup")] == ["Name 1"]
    assert not UnfinishedImports(client.tenant, "suppliers").any()
    page = client.get("/suppliers?search=name 20&sort=-supplier_id&page_size=1&page=2").json()
    assert ([supplier["name"] for supplier in page["items"]], page["total"]) == (["Name 20"], 2)  # and Name 200
    again = upload(client, KIND, csv("supplier_id,name", *(f"s{number},Name {number}" for number in range(201))))
    assert again.json()["statuses"]["unchanged"] == 201
    assert again.json()["operation_id"] is None


def test_the_same_file_finishes_what_a_killed_request_left(client: TestClient) -> None:
    """Killed after its last batch: every supplier is there, the copies of their names and the rebuild are not."""
    UnfinishedImports(client.tenant, "suppliers").begin("killed")
    Suppliers(client.tenant).put_many([Supplier("a", "New")])
    linked(client, "a", "stranger")
    response = upload(client, KIND, csv("supplier_id,name", "a,New"))
    assert statuses(response) == ["unchanged"]
    assert response.json()["operation_id"]
    names = {condition.supplier_id: condition.supplier_name for condition in Conditions(client.tenant).of_item("cup")}
    assert names == {"a": "New", "stranger": "Old"}
    assert not UnfinishedImports(client.tenant, "suppliers").any()


def test_a_supplier_that_the_clients_system_takes_over_meanwhile_is_left_to_it(client: TestClient) -> None:
    """After the file was checked, and before it is written."""
    Suppliers(client.tenant).put_many([Supplier("a", "Theirs", is_synced=True)])
    row = dict.fromkeys(field.name for field in SUPPLIER_FIELDS) | {"supplier_id": "a", "name": "Ours"}
    actor = Actor("buyer", Role.PROCUREMENT, dt.datetime(2024, 6, 3, tzinfo=dt.UTC))
    job = DirectImport("import", config(), client.tenant, actor, ImportMode.ALL_OR_NOTHING, dry_run=False)
    with pytest.raises(Conflict, match="supplier_is_synced: meanwhile your own system has taken over a"):
        write_at_once(job, {"a": row}, ())
    assert stored(client)["a"].name == "Theirs"
