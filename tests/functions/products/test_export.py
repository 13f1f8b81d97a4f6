"""The product list as a file: each format read back is the list, and nothing in it runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import simplejson
from flask import Response

from functions.products.export import export_file
from shared.catalog.schema import EXPORTED_COLUMNS, PLANNING_COLUMNS
from shared.domain.csv_cells import inert_text
from shared.domain.errors import Invalid
from shared.domain.money import round_unit_money
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.shops import PRODUCTS
from tests.support.tenants import TestClient
from tests.support.workbooks import sheet_rows

Row = dict[str, Any]
FORMATS = ("csv", "excel", "parquet")
_TEXTS = [name for name, kind in EXPORTED_COLUMNS.items() if kind == pl.String]
_QUERIES = (
    "",
    "sort=-stockout_risk,product_name",
    "sort=supplier_name&order=desc",
    "location_id=LONDON&sort=-current_stock",
    "status=understocked,dead_stock",
    "search=lantern&min_current_stock=7",
    "category=Kitchen&dead_stock=false&max_stockout_risk=1",
    "search=nothing+like+it",
)
# What the list does not show of the products of full_shop.
_EXPORTED_ONLY = {
    product.item_id: {
        "unit_price": product.unit_price and round_unit_money(product.unit_price),
        "strategic": product.strategic,
    }
    | dict.fromkeys(PLANNING_COLUMNS)
    for product in PRODUCTS
}
FORMULAS = ("=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "http://a.example", "12", "005", "true")


def listed(client: TestClient, query: str) -> list[Row]:
    """The rows of all pages of the list, decimals as they were sent."""
    text = client.get(f"/products?page_size=200&{query}").text
    rows: list[Row] = simplejson.loads(text, use_decimal=True)["items"]
    nothing = dict.fromkeys(("unit_price", *PLANNING_COLUMNS)) | {"strategic": False}
    return [row | _EXPORTED_ONLY.get(row["item_id"], nothing) for row in rows]


def from_csv(content: bytes) -> list[Row]:
    """Values by the type of their column, each exactly as it is written; decimals keep their digits."""
    rows: list[Row] = []
    for record in csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")):
        assert list(record) == list(EXPORTED_COLUMNS)
        rows.append({name: _parsed(name, text) for name, text in record.items()})
    return rows


def _parsed(name: str, text: str) -> Any:
    kind = EXPORTED_COLUMNS[name]
    if text == "":
        return None
    if kind == pl.Boolean:
        return {"true": True, "false": False}[text]
    return Decimal(text) if kind.is_numeric() else text


def from_excel(content: bytes) -> list[Row]:
    rows = sheet_rows(content)
    assert all(list(row) == list(EXPORTED_COLUMNS) for row in rows)
    return rows


def from_parquet(content: bytes) -> list[Row]:
    frame = pl.read_parquet(content)
    assert dict(frame.schema) == EXPORTED_COLUMNS
    return frame.with_columns(pl.col(pl.Date).cast(pl.String)).to_dicts()


_READERS: dict[str, Callable[[bytes], list[Row]]] = {"csv": from_csv, "excel": from_excel, "parquet": from_parquet}


@pytest.mark.parametrize("query", _QUERIES)
def test_csv_is_the_list_to_the_last_digit(full_shop: TestClient, query: str) -> None:
    expected = [
        {name: inert_text(value) if name in _TEXTS and value is not None else value for name, value in row.items()}
        for row in listed(full_shop, query)
    ]
    found = from_csv(full_shop.get(f"/products/export?format=csv&{query}").content)
    assert [_digits(row) for row in found] == [_digits(row) for row in expected]
    assert bool(found) == ("nothing" not in query)


def _digits(row: Row) -> Row:
    """Decimals as they are written: 2.50 is not 2.5. Floats have no written form of their own."""
    exact = [name for name, kind in EXPORTED_COLUMNS.items() if isinstance(kind, pl.Decimal)]
    return {name: str(value) if name in exact and value is not None else value for name, value in row.items()}


@pytest.mark.parametrize("query", _QUERIES)
def test_parquet_is_the_list_with_exact_decimals(full_shop: TestClient, query: str) -> None:
    found = from_parquet(full_shop.get(f"/products/export?format=parquet&{query}").content)
    assert [_digits(row) for row in _as_floats(found)] == [_digits(row) for row in _as_floats(listed(full_shop, query))]


@pytest.mark.parametrize("query", _QUERIES)
def test_excel_is_the_list_in_numbers_texts_and_dates(full_shop: TestClient, query: str) -> None:
    found = from_excel(full_shop.get(f"/products/export?format=excel&{query}").content)
    expected = listed(full_shop, query)
    assert [{name: _number(value) for name, value in row.items()} for row in found] == [
        {name: _number(value) for name, value in row.items()} for row in expected
    ]
    for row in found:
        assert {type(row[name]) for name in _TEXTS} <= {str, type(None)}
        assert type(row["current_stock"]) in (int, float)
        assert type(row["needs_review"]) is bool


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _as_floats(rows: list[Row]) -> list[Row]:
    """With floats where the column is one: in JSON all numbers look alike."""
    inexact = [name for name, kind in EXPORTED_COLUMNS.items() if kind == pl.Float64]
    return [row | {name: None if row[name] is None else float(row[name]) for name in inexact} for row in rows]


@pytest.mark.parametrize(
    ("format_", "extension", "content_type"),
    [
        ("csv", "csv", "text/csv; charset=utf-8"),
        ("excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("parquet", "parquet", "application/vnd.apache.parquet"),
    ],
)
def test_it_is_an_attachment_named_for_its_day(
    full_shop: TestClient, format_: str, extension: str, content_type: str
) -> None:
    response = full_shop.get(f"/products/export?format={format_}")
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="products-2024-06-03.{extension}"'


def test_csv_is_what_comes_without_a_format(full_shop: TestClient) -> None:
    assert full_shop.get("/products/export").content == full_shop.get("/products/export?format=csv").content


def test_fields_are_the_columns_in_their_order(full_shop: TestClient) -> None:
    query = "fields=unit_price, item_id,dir&sort=-dir&status=overstocked"
    lines = full_shop.get(f"/products/export?{query}").text.splitlines()
    rows = listed(full_shop, "sort=-dir&status=overstocked")
    assert lines[0] == "unit_price,item_id,dir"
    assert [line.split(",")[1] for line in lines[1:]] == [row["item_id"] for row in rows]
    frame = pl.read_parquet(full_shop.get(f"/products/export?format=parquet&{query}").content)
    assert frame.columns == ["unit_price", "item_id", "dir"]
    assert list(sheet_rows(full_shop.get(f"/products/export?format=excel&{query}").content)[0]) == frame.columns


def test_the_header_of_excel_stays_in_sight(full_shop: TestClient) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(full_shop.get("/products/export?format=excel").content)).active
    assert sheet.freeze_panes == "A2"


@pytest.fixture(scope="module")
def odd_names(running: Any) -> TestClient:
    """A shop whose texts are formulas, numbers and links, and which has negative stock."""
    client = TestClient(running.base_url).create()
    rows = [
        {"item_id": f"{text}{number}", "product_name": text, "category": text, "sku": text, "supplier_name": text}
        | {"current_stock": Decimal("-2.5")}
        for number, text in enumerate(FORMULAS)
    ]
    publish(client.tenant, catalog_rows(*rows, {"item_id": "export", "product_name": 'Semi;colon, "quoted"\nlines'}))
    return client


def test_no_text_of_the_csv_runs_and_numbers_stay_numbers(odd_names: TestClient) -> None:
    content = odd_names.get("/products/export?format=csv").content
    found = from_csv(content)
    assert len(found) == len(FORMULAS) + 1
    by_name = {row["product_name"]: row for row in found}
    for text in FORMULAS:
        shown = by_name[inert_text(text)]
        assert (shown["category"], shown["sku"], shown["supplier_name"]) == (inert_text(text),) * 3
        assert shown["item_id"].startswith(inert_text(text))
        assert shown["current_stock"] == Decimal("-2.500")
        assert b",-2.500," in content
    for row in found:
        assert not any(row[name].lstrip().startswith(("=", "+", "-", "@")) for name in _TEXTS if row[name])
    assert 'Semi;colon, "quoted"\nlines' in by_name


@pytest.mark.parametrize("format_", ["excel", "parquet"])
def test_texts_of_the_others_are_what_they_are(odd_names: TestClient, format_: str) -> None:
    found = _READERS[format_](odd_names.get(f"/products/export?format={format_}").content)
    assert {row["product_name"] for row in found} >= set(FORMULAS)
    assert {float(row["current_stock"]) for row in found} == {-2.5, 0.0}


def test_an_item_called_export_is_in_reach(odd_names: TestClient) -> None:
    assert odd_names.get("/products?search=export").json()["items"][0]["item_id"] == "export"
    assert odd_names.get("/products/export/metrics").json()["item_id"] == "export"
    refused = odd_names.call("PATCH", "/products/export", json={"product_name": ""})
    assert_problem(refused, 422, "invalid_input")  # the item's route, not the export's


def test_an_edit_is_in_the_next_export(client: TestClient) -> None:
    from shared.domain.purchasing.product import Product

    client.stock([Product("A", "Lamp")], {"A": {"LONDON": "1"}})
    client.refresh(rebuild=True)
    assert client.call("PATCH", "/products/A", json={"product_name": "=Lamp"}).status_code == 200
    assert [row["product_name"] for row in from_csv(client.get("/products/export").content)] == ["'=Lamp"]


def test_what_is_exported_and_imported_again_changes_nothing(client: TestClient) -> None:
    """Nor what is planned for an item, which a file may change: the level that rules is none that anybody set."""
    from shared.domain.purchasing.product import Product

    client.stock([Product(name, f"Lamp {name}", unit_cost=Decimal("2.5")) for name in "AB"], {"A": {"LONDON": "1"}})
    client.refresh(rebuild=True)
    planning = {
        "service_level": 0.975,
        "min_stock": 3,
        "max_stock": 40.5,
        "do_not_order": True,
        "do_not_order_until": "2100-01-01",
        "reason": "=on sale",
    }
    assert client.call("PATCH", "/products/A", json={"planning": planning}).status_code == 200
    for format_ in FORMATS:
        response = client.get(f"/products/export?format={format_}")
        planned, other = _READERS[format_](response.content)
        assert (float(planned["service_level"]), float(planned["max_stock"])) == (0.975, 40.5)
        assert {name for name in PLANNING_COLUMNS if other[name] is not None} == set()
        name = f"again.{'xlsx' if format_ == 'excel' else format_}"
        run = client.finished(
            client.post("/etl/import", data={"kind": "products"}, files={"file": (name, response.content)})
        )
        assert run["status"] == "succeeded", run
        assert [run["result"][change] for change in ("inserted", "updated", "unchanged")] == [0, 0, 2], format_
    assert client.get("/products/A").json()["planning"] == planning
    some = client.get("/products/export?fields=reason,item_id&sort=item_id").text.splitlines()
    assert some == ["reason,item_id", "'=on sale,A", ",B"]


@pytest.mark.parametrize("format_", FORMATS)
def test_it_costs_one_read(full_shop: TestClient, meter: FirestoreMeter, format_: str) -> None:
    full_shop.get("/products?location_id=LONDON")
    meter.reset()
    assert full_shop.get(f"/products/export?format={format_}&location_id=LONDON").status_code == 200
    billed = meter.of(full_shop.client_id)
    assert (billed.reads, billed.writes) == (1, 0)


@pytest.mark.parametrize(
    ("query", "code", "detail"),
    [
        ("format=pdf", "invalid_input", "'csv', 'excel' or 'parquet'"),
        ("page=2", "unknown_field", "unknown 'page'"),
        ("page_size=10", "unknown_field", "unknown 'page_size'"),
        ("colour=red", "unknown_field", "unknown 'colour'"),
        ("fields=item_id,price", "unknown_field", "unknown 'price'"),
        ("sort=price", "unknown_sort", "cannot sort by 'price'"),
        ("min_stockout_risk=2", "invalid_input", "query/min_stockout_risk"),
    ],
)
def test_what_is_wrong_is_named(full_shop: TestClient, query: str, code: str, detail: str) -> None:
    response = full_shop.get(f"/products/export?{query}")
    assert_problem(response, 422, code)
    assert detail in response.json()["detail"]


def test_another_clients_products_are_refused(full_shop: TestClient) -> None:
    response = full_shop.get("/products/export?client_id=other")
    assert_problem(response, 403, "other_client")
    assert "'other' is not yours" in response.json()["detail"]
    assert_problem(full_shop.get("/products/export", headers={"Authorization": ""}), 401, "token_missing")


def test_a_client_without_metrics_is_told_how_to_get_them(client: TestClient) -> None:
    assert_problem(client.get("/products/export"), 404, "catalog_not_ready")


def _many(count: int) -> pl.DataFrame:
    """Products in the order of their ids, each with its number as its stock."""
    numbers = pl.int_range(count, eager=True)
    ids = numbers.cast(pl.String).str.zfill(7)
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in EXPORTED_COLUMNS.items()]
    stock = numbers.cast(EXPORTED_COLUMNS["current_stock"])
    empty = ids.alias("key").to_frame().with_columns(missing).drop("key")
    names = "=" + numbers.hash().cast(pl.String)  # a file of these does not shrink to one slice
    return empty.with_columns(item_id=ids, product_name=names, current_stock=stock)


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_many_rows_come_whole_in_order_and_soon(format_: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """20,000 rows in slices; nothing is left in the temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    began = time.monotonic()
    response = Response(export_file(_many(20_000), format_, "many").slices)
    parts = list(response.iter_encoded())
    assert time.monotonic() - began < 30
    response.close()
    assert list(tmp_path.iterdir()) == []
    assert len(parts) > 1
    assert max(map(len, parts)) < 2 * 1024**2
    found = _READERS[format_](b"".join(parts))
    assert [row["item_id"] for row in found] == [f"{number:07}" for number in range(20_000)]
    assert [int(row["current_stock"]) for row in found] == list(range(20_000))


def test_a_caller_who_hangs_up_leaves_no_file() -> None:
    """An open file would be a warning, and so an error."""
    response = Response(export_file(_many(20_000), "parquet", "unread").slices)
    parts = response.iter_encoded()
    assert next(iter(parts)).startswith(b"PAR1")
    file = response.response.gi_frame.f_locals["file"]  # type: ignore[union-attr]
    assert not file.closed
    response.close()
    assert file.closed


def test_head_has_the_headers_alone(full_shop: TestClient) -> None:
    response = full_shop.call("HEAD", "/products/export?format=excel")
    assert (response.status_code, response.content) == (200, b"")
    assert "attachment" in response.headers["Content-Disposition"]


def test_more_than_a_sheet_holds_is_refused_before_it_is_cut_off() -> None:
    with pytest.raises(Invalid, match="1,048,575 products, these are 1,048,576") as refused:
        export_file(_many(1_048_576), "excel", "huge")
    assert refused.value.code == "too_many_rows"


@pytest.mark.parametrize("format_", FORMATS)
def test_the_document_declares_every_format(full_shop: TestClient, format_: str) -> None:
    assert full_shop.get(f"/products/export?format={format_}").status_code == 200  # whose type `get` finds declared
    assert full_shop.get("/products/export?format=pdf").status_code == 422
