"""Imports over HTTP: what is taken, what is refused, and what can be read about it afterwards."""

from __future__ import annotations

import csv
import datetime as dt
import gc
import io
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from shared.domain.access.principal import Role
from shared.domain.purchasing.product import Product
from shared.firestore.products import Products
from tests.support.importer import BUSINESS_DATE, Importer

SALES = """item_id,location_id,date_local,units_sold,price
a,LONDON,2011-10-10,5,1.50
a,LONDON,2011-10-11,2,1.50
b/1 ü,DUBLIN,2011-10-10,1,3
"""


def test_sales_are_imported_and_the_same_file_changes_nothing(caller: Importer) -> None:
    first = caller.imported(SALES)
    again = caller.imported(SALES)

    assert first["status"] == again["status"] == "succeeded"
    assert first["counts"] == {"read": 3, "accepted": 3, "rejected": 0}
    assert _changes(first) == (3, 0, 0, 0)
    assert _changes(again) == (0, 0, 3, 0)
    assert caller.demand() == [
        ("a", "LONDON", dt.date(2011, 10, 10), Decimal(5), Decimal("7.5")),
        ("a", "LONDON", dt.date(2011, 10, 11), Decimal(2), Decimal(3)),
        ("b/1 ü", "DUBLIN", dt.date(2011, 10, 10), Decimal(1), Decimal(3)),
    ]


def test_only_what_differs_is_updated(caller: Importer) -> None:
    caller.imported(SALES)

    run = caller.imported(SALES.replace("11,2,", "11,4,") + "a,LONDON,2011-10-12,9,1\n")

    assert _changes(run) == (1, 1, 2, 0)
    assert [units for *_, units, _ in caller.demand()] == [5, 4, 9, 1]


def test_columns_that_a_file_does_not_have_stay_as_they_are(caller: Importer) -> None:
    caller.imported(SALES)

    run = caller.imported("item_id,location_id,date_local,units_sold\na,LONDON,2011-10-10,6\n")

    assert _changes(run) == (0, 1, 0, 0)
    assert caller.demand()[0][3:] == (Decimal(6), Decimal("7.5"))


def test_replace_replaces_the_files_window_and_nothing_else(caller: Importer) -> None:
    caller.imported(SALES + "a,LONDON,2011-10-12,7,1\n")

    run = caller.imported(
        "item_id,location_id,date_local,units_sold\na,LONDON,2011-10-10,5\nc,LONDON,2011-10-11,1\n", mode="replace"
    )

    assert _changes(run) == (1, 1, 0, 2)  # the price is gone from the first one: revenue is cleared with it
    assert [(item, day.day, revenue) for item, _, day, _, revenue in caller.demand()] == [
        ("a", 10, None),
        ("a", 12, Decimal(7)),
        ("c", 11, None),
    ]


def test_a_replacement_that_lost_more_than_half_is_stopped(caller: Importer) -> None:
    caller.imported(SALES + "c,LONDON,2011-10-10,1,1\n")

    run = caller.imported(
        "item_id,location_id,date_local,units_sold\na,LONDON,2011-10-10,5\na,PARIS,2011-10-10,5\n", mode="replace"
    )

    assert (run["status"], run["error"]["code"]) == ("failed", "source_shrunken")
    assert run["counts"] == {"read": 2, "accepted": 1, "rejected": 1}
    assert caller.rejects(run) == [(3, "orphan", "location_id")]
    assert len(caller.demand()) == 4


def test_a_replacement_without_an_acceptable_record_is_stopped(caller: Importer) -> None:
    run = caller.imported("item_id,location_id,date_local,units_sold\na,PARIS,2011-10-10,5\n", mode="replace")

    assert run["error"] == {
        "code": "nothing_accepted",
        "detail": "none of the 1 records could be taken: 1 x orphan; the rejects say why",
    }
    assert caller.rejects(run) == [(2, "orphan", "location_id")]


def test_too_short_a_history_is_told_until_it_is_long_enough(caller: Importer) -> None:
    header = "item_id,location_id,date_local,units_sold\n"
    Products(caller.tenant).put_many([Product("a", "a")])

    short = caller.imported(header + "a,LONDON,2011-09-01,5\na,LONDON,2011-09-02,5\n")
    later = caller.imported(header + "a,LONDON,2011-09-21,5\n")

    assert short["result"]["warnings"] == ["there are 2 days of history; a forecast needs at least 21"]
    assert later["result"]["warnings"] == []


def test_outliers_and_gaps_are_told_and_kept(caller: Importer) -> None:
    days = [*range(1, 12), 30]
    rows = "".join(f"a,LONDON,2011-09-{day:02},{9000 if day == 30 else 2}\n" for day in days)

    run = caller.imported("item_id,location_id,date_local,units_sold\n" + rows)

    assert run["counts"]["accepted"] == 12
    assert run["result"]["gaps"] == [{"from_date": "2011-09-12", "to_date": "2011-09-29"}]
    assert run["result"]["largest_outliers"] == [
        {"item_id": "a", "location_id": "LONDON", "date_local": "2011-09-30", "units_sold": 9000, "usual_units": 2}
    ]


def test_dry_run_counts_and_keeps_rejects_but_writes_no_demand(caller: Importer) -> None:
    run = caller.imported(SALES + "a,PARIS,2011-10-10,5,1\n", dry_run="true")

    assert run["counts"] == {"read": 4, "accepted": 3, "rejected": 1}
    assert _changes(run) == (3, 0, 0, 0)
    assert caller.demand() == []
    assert caller.rejects(run) == [(5, "orphan", "location_id")]


def test_rejects_are_paged_in_the_files_order_with_the_record(caller: Importer) -> None:
    rows = "".join(f"a,PARIS,2011-10-{day:02},{day},1\n" for day in range(1, 13))
    run = caller.imported("item_id,location_id,date_local,units_sold,price\n" + rows)

    page = caller.get(f"/etl/runs/{run['id']}/rejects", page=2, page_size=5).json()
    beyond = caller.get(f"/etl/runs/{run['id']}/rejects", page=4, page_size=5).json()

    assert (page["page"], page["page_size"], page["total"]) == (2, 5, 12)
    assert [reject["row_number"] for reject in page["items"]] == [7, 8, 9, 10, 11]
    assert page["items"][0] == {
        "row_number": 7,
        "check": "orphan",
        "field": "location_id",
        "reason": "location_id 'PARIS' is unknown; known locations: DUBLIN, LONDON, ROTTERDAM",
        "record": {
            "item_id": "a",
            "location_id": "PARIS",
            "date_local": "2011-10-06",
            "units_sold": "6",
            "price": "1",
        },
    }
    assert (beyond["items"], beyond["total"]) == ([], 12)


def test_rejects_as_a_file_have_the_columns_of_the_source(caller: Importer) -> None:
    header = "item_id,location_id,date_local,units_sold,note"
    lines = ['a,PARIS,2011-10-10,6,"=1+1"', '"b, c",LONDON,soon,6,"two\nlines"', "d,LONDON,2011-10-10,6,fine"]
    run = caller.imported("\n".join([header, *lines]))
    path = f"/etl/runs/{run['id']}/rejects"

    for file in (
        caller.client.get(f"{path}?format=csv"),
        caller.client.get(path, headers={"Accept": "text/csv"}),
        caller.client.get(f"{path}?format=csv&page_size=1&fields=row_number", headers={"Accept": "application/json"}),
    ):
        assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert file.headers["Content-Disposition"] == f'attachment; filename="rejects-{run["id"]}.csv"'
        first, second, third = csv.reader(io.StringIO(file.content.decode(), newline=""))
        assert first == ["row_number", "check", "field", "reason", *header.split(",")]
        assert second[:3] == ["2", "orphan", "location_id"]
        assert second[4:] == ["a", "PARIS", "2011-10-10", "6", "'=1+1"]
        assert (third[0], third[4], third[-1]) == ("3", "b, c", "two\nlines")

    for as_json in (
        caller.client.get(f"{path}?format=json", headers={"Accept": "text/csv"}),
        caller.client.get(path, headers={"Accept": "*/*"}),
        caller.client.get(path, headers={"Accept": "text/html, application/json;q=0.9"}),
    ):
        assert as_json.json()["total"] == 2
    assert caller.client.get(f"{path}?format=xml").status_code == 422
    assert caller.client.get("/etl/runs/none/rejects?format=csv").status_code == 404


def test_a_run_without_rejects_has_a_file_with_a_header(caller: Importer) -> None:
    run = caller.imported(SALES)
    file = caller.client.get(f"/etl/runs/{run['id']}/rejects?format=csv")
    assert file.text == "row_number,check,field,reason\r\n"


def test_runs_are_narrowed_to_several_kinds_and_statuses(caller: Importer) -> None:
    sales = caller.imported(SALES)["id"]
    products = caller.imported("item_id\na\n", kind="products")["id"]
    failed = caller.imported("nothing\n1\n", kind="products")["id"]

    def ids(query: str) -> list[str]:
        return [run["id"] for run in caller.client.get(f"/etl/runs?{query}").json()["items"]]

    assert ids("") == ids("kind=products,sales-history") == [failed, products, sales]
    assert ids("kind=products&status=failed,succeeded") == [failed, products]
    assert ids("status=failed") == [failed]
    assert ids("kind=stock-levels") == []


def test_invoice_lines_with_a_mapping(caller: Importer) -> None:
    lines = pl.DataFrame(
        {
            "InvoiceNo": ["536365", "536366", "C536379", "536370"],
            "StockCode": ["85123a", "85123A", "85123A", "POST"],
            "Quantity": [6, 3, -2, 1],
            "InvoiceDate": [dt.datetime(2011, 10, day, 8, 26) for day in (3, 4, 5, 5)],
            "UnitPrice": [2.55, 2.5, 2.5, 18.0],
            "CustomerID": [17850.0, 17850.0, 17850.0, None],
            "Country": ["United Kingdom", "EIRE", "EIRE", "France"],
        }
    )
    buffer = io.BytesIO()
    lines.write_parquet(buffer)

    Products(caller.tenant).put_many([Product("85123A", "Heart")])

    run = caller.imported(
        buffer.getvalue(),
        "lines.parquet",
        aggregate="invoice_lines",
        mapping=json.dumps(
            {
                "invoice_no": "InvoiceNo",
                "item_id": "StockCode",
                "units_sold": "Quantity",
                "date_local": "InvoiceDate",
                "price": "UnitPrice",
                "customer_id": "CustomerID",
                "location_id": {
                    "column": "Country",
                    "values": {"United Kingdom": "LONDON", "EIRE": "DUBLIN"},
                    "default": "ROTTERDAM",
                },
                "exclude": [{"reason": "postage", "where": {"item_id": {"matches": "^POST$"}}}],
            }
        ),
    )

    assert run["counts"] == {"read": 4, "accepted": 3, "rejected": 1}
    assert run["result"]["returned_units"] == 2
    assert caller.rejects(run) == [(4, "excluded", "item_id")]
    assert caller.demand() == [
        ("85123A", "DUBLIN", dt.date(2011, 10, 4), Decimal(1), Decimal("2.5")),
        ("85123A", "LONDON", dt.date(2011, 10, 3), Decimal(6), Decimal("15.3")),
    ]


def test_an_excel_file_is_imported(caller: Importer) -> None:
    book = openpyxl.Workbook()
    for row in (["item_id", "location_id", "date", "quantity"], [85123, "LONDON", dt.date(2011, 10, 10), 2.5]):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)

    run = caller.imported(buffer.getvalue(), "sales.xlsx")

    assert (run["parameters"]["format"], run["counts"]["accepted"]) == ("excel", 1)
    assert caller.demand() == [("85123", "LONDON", dt.date(2011, 10, 10), Decimal("2.5"), None)]


@pytest.mark.parametrize(
    ("content", "file_name", "code", "detail"),
    [
        ("item_id,units\n", "sales.csv", "missing_columns", "it has 'item_id', 'units'"),
        ("\n", "sales.csv", "empty_file", "the file is empty"),
        (SALES.splitlines()[0], "sales.csv", "empty_file", "holds no records"),
        (b"PAR1 broken", "sales.parquet", "unreadable_file", "no Parquet file"),
        (b"PK\x03\x04 broken", "sales.xlsx", "unreadable_file", "no readable Excel workbook"),
        ("item_id\na\n", "sales.xlsx", "unreadable_file", "no readable Excel workbook"),
        (
            "item_id,location_id,date_local,units_sold\na,LONDON,2009-01-01,1\na,LONDON,2011-10-01,1\n",
            "sales.csv",
            "window_too_long",
            "spans 1004 days",
        ),
    ],
)
def test_a_file_that_cannot_be_imported_fails_with_one_line(
    caller: Importer, content: bytes | str, file_name: str, code: str, detail: str
) -> None:
    run = caller.imported(content, file_name)

    assert (run["status"], run["error"]["code"]) == ("failed", code)
    assert detail in run["error"]["detail"]
    assert "\n" not in run["error"]["detail"]


@pytest.mark.parametrize(
    ("form", "code", "detail"),
    [
        ({"kind": "prices"}, "invalid_input", "'sales-history', 'products', 'stock-levels', 'committed', 'locations'"),
        ({"format": "xml"}, "invalid_input", "'csv', 'excel' or 'parquet'"),
        ({"mode": "append"}, "invalid_input", "'upsert' or 'replace'"),
        ({"aggregate": "weekly"}, "invalid_input", "'none' or 'invoice_lines'"),
        ({"dry_run": "perhaps"}, "invalid_input", "form/dry_run"),
        (
            {"colour": "red"},
            "unknown_field",
            "unknown 'colour'; allowed: accept_shrinkage, aggregate, date_order, decimal_mark",
        ),
        ({"mapping": "{"}, "invalid_mapping", "no valid JSON"),
        ({"mapping": '{"colour": "x"}'}, "invalid_mapping", "unknown field 'colour'; allowed: item_id"),
        ({"kind": "products", "aggregate": "invoice_lines"}, "not_for_this_kind", "is for sales-history"),
        ({"kind": "products", "mode": "replace"}, "not_for_this_kind", "always upsert"),
    ],
)
def test_a_wrong_request_is_refused_at_once(caller: Importer, form: dict[str, Any], code: str, detail: str) -> None:
    response = caller.upload(SALES, **form)

    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, code)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert detail in problem["detail"]


def test_an_empty_upload_and_a_missing_one_are_refused(caller: Importer) -> None:
    empty = caller.upload(b"")
    missing = caller.client.post("/etl/import", files={"kind": (None, "products")})

    assert (empty.status_code, empty.json()["code"]) == (422, "empty_file")
    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (422, "form/file")


def test_a_200_mb_file_is_refused_unread(caller: Importer, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(200 * 1024**2)
    with path.open("rb") as body:
        response = caller.client.post(
            "/etl/import", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
        )

    problem = response.json()
    assert (response.status_code, problem["code"]) == (413, "body_too_large")
    assert problem["detail"] == "the body has 209,715,200 bytes; allowed are 33,554,432"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_body_of_unknown_length_is_cut_off_at_the_limit(caller: Importer) -> None:
    boundary = uuid.uuid4().hex

    def endless() -> Any:
        yield f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'.encode()
        for _ in range(40):
            yield b"x" * 1024**2
        yield f"\r\n--{boundary}--\r\n".encode()

    response = caller.client.post(
        "/etl/import", data=endless(), headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )
    gc.collect()  # werkzeug leaves the part it was reading to the collector, which warns

    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


def test_only_admins_and_services_import_but_everyone_reads(caller: Importer) -> None:
    for role in Role:
        assert caller.upload(SALES, role=role).status_code == (202 if role in (Role.ADMIN, Role.SERVICE) else 403)
        assert caller.get("/etl/runs", role=role).status_code == 200


def test_another_clients_runs_are_not_there(caller: Importer, other: Importer) -> None:
    run = caller.imported(SALES)

    assert other.get(f"/etl/runs/{run['id']}").status_code == 404
    assert other.get(f"/etl/runs/{run['id']}/rejects").status_code == 404
    assert other.get("/etl/runs").json()["items"] == []
    assert other.get("/etl/runs", client_id=caller.client.client_id).status_code == 403
    assert other.demand() == []


def test_runs_are_listed_newest_first_by_pages_and_kind(caller: Importer) -> None:
    runs = [caller.imported(SALES, dry_run="true")["id"] for _ in range(3)]
    products = caller.imported("item_id\na\n", kind="products")["id"]

    first = caller.get("/etl/runs", page_size=2).json()
    second = caller.get("/etl/runs", page_size=2, page_token=first["next_page_token"]).json()
    of_products = caller.get("/etl/runs", kind="products", status="succeeded").json()

    assert [run["id"] for run in first["items"] + second["items"]] == [products, *reversed(runs)]
    assert first["items"][1]["parameters"] == {
        "encoding": None,
        "delimiter": None,
        "header_row": None,
        "sheet": None,
        "decimal_mark": None,
        "date_order": None,
        "kind": "sales-history",
        "format": "csv",
        "mapping": None,
        "mapping_source": "found",
        "aggregate": None,
        "mode": "upsert",
        "dry_run": True,
        "default_location_id": None,
        "accept_shrinkage": False,
        "file_name": "upload.csv",
    }
    assert [run["id"] for run in of_products["items"]] == [products]
    assert caller.get("/etl/runs", page_token="nonsense").json()["code"] == "invalid_page_token"
    assert caller.get("/etl/runs", colour="red").status_code == 422
    assert caller.get(f"/etl/runs/{products}/rejects", page_size=0).status_code == 422


def test_an_operation_that_is_no_import_is_no_run(caller: Importer) -> None:
    caller.imported(SALES)
    refresh = next(
        operation
        for operation in caller.get("/operations").json()["items"]
        if not operation["kind"].startswith("etl_import.")
    )

    assert caller.get(f"/etl/runs/{refresh['id']}").json()["code"] == "run_not_found"


def test_an_import_answers_with_an_operation(caller: Importer) -> None:
    response = caller.upload(SALES)

    operation = response.json()
    assert response.headers["Location"] == f"/api/v1/operations/{operation['id']}"
    assert (operation["kind"], operation["status"], operation["counts"]) == (
        "etl_import.sales-history",
        "pending",
        None,
    )
    caller.client.finished(response)


def test_the_same_idempotency_key_imports_once(caller: Importer) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}

    first, again = caller.upload(SALES, headers=key), caller.upload(SALES, headers=key)
    other_file = caller.upload(SALES.replace("5", "6"), headers=key)

    assert first.json()["id"] == again.json()["id"]
    assert again.headers["Location"] == first.headers["Location"]
    assert (other_file.status_code, other_file.json()["code"]) == (422, "idempotency_key_reused")
    caller.client.finished(first)


def _changes(run: dict[str, Any]) -> tuple[int, ...]:
    return tuple(run["result"][name] for name in ("inserted", "updated", "unchanged", "deleted"))


def test_when_an_import_has_succeeded_lists_show_it(caller: Importer) -> None:
    caller.imported("item_id,product_name,unit_cost\nNEW,New lamp,2\n", kind="products")
    row = caller.get("/products", search="NEW").json()["items"][0]
    assert (row["product_name"], row["current_stock"]) == ("New lamp", 0)
    caller.imported("item_id,location_id,current_stock\nNEW,LONDON,7\n", kind="stock-levels")
    row = caller.get("/products", search="NEW").json()["items"][0]
    assert (row["current_stock"], row["inventory_value"]) == (7, 14)
    assert caller.get("/dashboard").json()["metrics"]["total_inventory_value"] >= 14
    day = BUSINESS_DATE - dt.timedelta(days=2)
    caller.imported(f"item_id,location_id,date_local,units_sold\nNEW,LONDON,{day},28\n")
    assert caller.get("/products/NEW/metrics").json()["expected_daily_demand"] > 0
