"""Imports of stock: the full list replaces all, unless it looks broken."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.purchasing.product import Product
from shared.firestore.products import Products, StockLevels
from shared.imports.import_options import ImportKind, WriteMode
from tests.functions.etl.test_import_worker import Clock, waiting, work
from tests.support.importer import Importer

FILE = """item_id,location_id,current_stock
a,LONDON,5
a,DUBLIN,2.5
b/1,LONDON,0
c,LONDON,7
"""


@pytest.fixture
def shop(caller: Importer) -> Importer:
    """A client with the products a, b/1, c and d."""
    Products(caller.tenant).put_many([Product(item, item) for item in ("a", "b/1", "c", "d")])
    return caller


def stock(caller: Importer) -> Mapping[str, Mapping[str, Decimal]]:
    return {level.item_id: level.levels for level in StockLevels(caller.tenant).every()}


def test_the_list_replaces_all_and_writes_what_differs(shop: Importer) -> None:
    first = shop.imported(FILE, kind="stock-levels")
    again = shop.imported(FILE, kind="stock-levels")
    changed = shop.imported(
        "sku,location_id,quantity\na,LONDON,5\na,ROTTERDAM,1\nb/1,LONDON,0\nd,DUBLIN,4\n", kind="stock-levels"
    )

    assert first["counts"] == {"read": 4, "accepted": 4, "rejected": 0}
    assert [_changes(run) for run in (first, again, changed)] == [(3, 0, 0, 0), (0, 0, 3, 0), (1, 1, 1, 1)]
    assert stock(shop) == {
        "a": {"LONDON": 5, "ROTTERDAM": 1},
        "b/1": {"LONDON": 0},
        "c": {},
        "d": {"DUBLIN": 4},
    }


def test_only_documents_that_differ_are_written(shop: Importer) -> None:
    shop.imported(FILE, kind="stock-levels")
    before = shop.written_at("stock_levels")

    shop.imported(FILE.replace("a,LONDON,5", "a,LONDON,6"), kind="stock-levels")

    after = shop.written_at("stock_levels")
    assert {key for key in after if after[key] != before[key]} == {"a"}


def test_records_that_are_no_stock_are_rejected(shop: Importer) -> None:
    rows = ["a,LONDON,1", "a,LONDON,1", "b/1,LONDON,-1", "nobody,LONDON,1", "c,PARIS,1", "c,LONDON,", "c,,1"]

    run = shop.imported("item_id,location_id,current_stock\n" + "\n".join(rows), kind="stock-levels")

    assert run["counts"] == {"read": 7, "accepted": 1, "rejected": 6}
    assert shop.rejects(run) == [
        (3, "duplicate", None),
        (4, "negative", "current_stock"),
        (5, "orphan", "item_id"),
        (6, "orphan", "location_id"),
        (7, "required", "current_stock"),
        (8, "required", "location_id"),
    ]
    assert stock(shop) == {"a": {"LONDON": 1}}


@pytest.mark.parametrize(
    ("row", "check"),
    [
        ('c,LONDON,"1,2,40"', "format"),
        ("c,LONDON,#N/A", "format"),
        ("c,LONDON,", "required"),
        ("c,LONDON,-1", "negative"),
        ("c,LONDON,500 pcs", "format"),
        ("c,Londno,40", "orphan"),
        ("c,,40", "required"),
        (",LONDON,40", "required"),
        ("c,LONDON,1,240", "malformed"),
        ("c,LONDON,1\nc,LONDON,2", "conflict"),
    ],
)
def test_a_row_that_could_not_be_read_leaves_the_stock_as_it_is(shop: Importer, row: str, check: str) -> None:
    shop.imported(FILE, kind="stock-levels")

    run = shop.imported(FILE.replace("c,LONDON,7", row).replace("a,LONDON,5", "a,LONDON,6"), kind="stock-levels")

    assert {code for _, code, _ in shop.rejects(run)} == {check}
    assert (run["result"]["emptied"], run["result"]["kept"]) == (0, 1)
    assert stock(shop) == {"a": {"LONDON": 6, "DUBLIN": Decimal("2.5")}, "b/1": {"LONDON": 0}, "c": {"LONDON": 7}}


def test_what_is_not_listed_is_sold_out_whatever_is_rejected_of_other_items(shop: Importer) -> None:
    shop.imported(FILE, kind="stock-levels")

    run = shop.imported(
        "item_id,location_id,current_stock\na,LONDON,\na,DUBLIN,1\nb/1,LONDON,3\nnobody,LONDON,1\n",
        kind="stock-levels",
    )

    assert (run["result"]["emptied"], run["result"]["kept"]) == (1, 1)
    assert stock(shop) == {"a": {"LONDON": 5, "DUBLIN": 1}, "b/1": {"LONDON": 3}, "c": {}}


@pytest.mark.parametrize("column", ["lot", "Batch No.", "Charge", "Número de lote"])
def test_lots_are_added_up(shop: Importer, column: str) -> None:
    run = shop.imported(
        f"item_id,location_id,{column},current_stock\na,LONDON,L-101,10\na,LONDON,L-102,30\nc,LONDON,,12\n",
        kind="stock-levels",
    )

    assert (run["counts"], run["result"]["summed"]) == ({"read": 3, "accepted": 3, "rejected": 0}, 1)
    assert stock(shop) == {"a": {"LONDON": 40}, "c": {"LONDON": 12}}


def test_a_lot_that_could_not_be_read_leaves_the_stock_of_all_as_it_is(shop: Importer) -> None:
    shop.imported(FILE, kind="stock-levels")
    rows = ["a,LONDON,L-1,10", "a,LONDON,L-2,many", "a,LONDON,L-1,4", "b/1,LONDON,,1", "c,LONDON,L-1,1"]

    run = shop.imported("item_id,location_id,lot,current_stock\n" + "\n".join(rows), kind="stock-levels")

    assert shop.rejects(run) == [
        (2, "incomplete", None),
        (3, "format", "current_stock"),
        (4, "incomplete", None),
    ]
    assert stock(shop) == {"a": {"LONDON": 5}, "b/1": {"LONDON": 1}, "c": {"LONDON": 1}}


def test_the_same_lot_twice_with_different_stock_is_a_contradiction(shop: Importer) -> None:
    rows = ["a,LONDON,L-1,10", "a,LONDON,L-1,4", "a,LONDON,L-1,4", "a,DUBLIN,,4", "a,DUBLIN,L-1,4", "c,LONDON,L-1,1"]

    run = shop.imported("item_id,location_id,lot,current_stock\n" + "\n".join(rows), kind="stock-levels")

    assert [(row, check) for row, check, _ in shop.rejects(run)] == [
        (2, "conflict"),
        (3, "conflict"),
        (4, "duplicate"),
        (5, "conflict"),
        (6, "conflict"),
    ]
    assert stock(shop) == {"c": {"LONDON": 1}}


@pytest.mark.parametrize(
    ("rows", "code"), [("a,LONDON,1\n", "source_shrunken"), ("a,PARIS,1\n", "nothing_accepted"), ("", "empty_file")]
)
def test_a_list_that_lost_most_of_itself_replaces_nothing(shop: Importer, rows: str, code: str) -> None:
    shop.imported(FILE, kind="stock-levels")
    before = stock(shop)

    run = shop.imported("item_id,location_id,current_stock\n" + rows, kind="stock-levels")

    assert (run["status"], run["error"]["code"]) == ("failed", code)
    assert stock(shop) == before


def test_a_dry_run_of_which_nothing_can_be_taken_shows_what_is_wrong(shop: Importer) -> None:
    shop.imported(FILE, kind="stock-levels")
    run = shop.imported("item_id,location_id,current_stock\na,PARIS,1\n", kind="stock-levels", dry_run="true")

    assert (run["status"], run["counts"]) == ("succeeded", {"read": 1, "accepted": 0, "rejected": 1})
    assert (run["result"]["rejected_by_check"], run["result"]["emptied"]) == ({"orphan": 1}, 0)
    assert run["result"]["preview"][0]["given"]["location_id"] == "PARIS"


def test_a_dry_run_writes_nothing(shop: Importer) -> None:
    run = shop.imported(FILE, kind="stock-levels", dry_run="true")

    assert _changes(run) == (3, 0, 0, 0)
    assert stock(shop) == {}


def _changes(run: dict[str, Any]) -> tuple[int, ...]:
    return tuple(run["result"][name] for name in ("inserted", "updated", "unchanged", "emptied"))


def test_a_list_of_more_rejects_than_can_be_told_apart_leaves_all_stock_as_it_is(
    shop: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.imported(FILE, kind="stock-levels")
    before = stock(shop)
    monkeypatch.setattr("shared.imports.intake.MAX_REMEMBERED", 2)
    rejected = "".join(f"{item},LONDON,many\n" for item in ("a", "b/1", "c"))

    operation_id = waiting(shop, f"{FILE}{rejected}".encode(), ImportKind.STOCK_LEVELS, WriteMode.REPLACE)
    work(shop, operation_id, Clock())

    run = shop.get(f"/etl/runs/{operation_id}").json()
    assert (run["status"], run["error"]["code"]) == ("failed", "too_many_rejects")
    assert stock(shop) == before
    assert len(shop.rejects(run)) == run["counts"]["rejected"]
