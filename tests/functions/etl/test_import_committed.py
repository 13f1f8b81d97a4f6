"""Imports of what customers have ordered, beside lists of stock that name a part, shrink, or name no location."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.purchasing.product import Product
from shared.firestore.products import Products, StockLevels
from tests.support.importer import Importer

STOCK = "item_id,location_id,current_stock\na,LONDON,5\na,DUBLIN,2.5\nb/1,LONDON,0\nc,LONDON,7\n"
COMMITTED = "item_id,location_id,committed\na,LONDON,2\nb/1,DUBLIN,3\nc,LONDON,0\n"


@pytest.fixture
def shop(caller: Importer) -> Importer:
    """A client with the products a, b/1, c and d, and stock of the first three."""
    Products(caller.tenant).put_many([Product(item, item) for item in ("a", "b/1", "c", "d")])
    caller.imported(STOCK, kind="stock-levels")
    return caller


def levels(caller: Importer, name: str = "levels") -> Mapping[str, Mapping[str, Decimal]]:
    return {level.item_id: getattr(level, name) for level in StockLevels(caller.tenant).every()}


def _changes(run: dict[str, Any]) -> tuple[int, ...]:
    return tuple(run["result"][name] for name in ("inserted", "updated", "unchanged", "emptied"))


def test_what_customers_have_ordered_is_replaced_as_a_whole(shop: Importer) -> None:
    first = shop.imported(COMMITTED, kind="committed")
    again = shop.imported(COMMITTED, kind="committed")

    assert [_changes(run) for run in (first, again)] == [(0, 3, 0, 0), (0, 0, 3, 0)]
    assert levels(shop, "committed") == {"a": {"LONDON": 2}, "b/1": {"DUBLIN": 3}, "c": {"LONDON": 0}}
    # Where customers wait for it, it is kept, with nothing in stock.
    assert levels(shop)["b/1"] == {"LONDON": 0, "DUBLIN": 0}
    rows = {(row["item_id"], row["location_id"]): row for row in shop.get("/inventory/stock-levels").json()["items"]}
    assert (rows["a", "LONDON"]["committed"], rows["b/1", "DUBLIN"]["committed"]) == (2, 3)
    positions = {row["item_id"]: row["inventory_position"] for row in shop.get("/products").json()["items"]}
    assert (positions["a"], positions["b/1"], positions["c"]) == (5.5, -3, 7)

    # A list of stock says nothing of orders, and a rejected order leaves what it may be about.
    shop.imported("item_id,location_id,current_stock\na,DUBLIN,4\nb/1,LONDON,1\nc,LONDON,7\n", kind="stock-levels")
    assert levels(shop)["a"] == {"LONDON": 0, "DUBLIN": 4}
    changed = shop.imported(
        "item_id,location_id,committed\na,DUBLIN,1\nb/1,DUBLIN,many\nc,LONDON,1\n", kind="committed"
    )

    assert (_changes(changed), changed["result"]["kept"]) == ((0, 2, 0, 0), 1)
    assert levels(shop, "committed") == {"a": {"DUBLIN": 1}, "b/1": {"DUBLIN": 3}, "c": {"LONDON": 1}}


def test_a_list_that_shrinks_is_taken_when_that_is_meant(shop: Importer) -> None:
    shop.imported(COMMITTED, kind="committed")
    nothing = "item_id,location_id,committed\n"
    one = "item_id,location_id,current_stock\nc,LONDON,6\n"
    bad = "item_id,location_id,current_stock\nc,PARIS,6\n"

    refused = [shop.imported(nothing, kind="committed"), shop.imported(one, kind="stock-levels")]
    bad_run = shop.imported(bad, kind="stock-levels", accept_shrinkage="true")

    assert [run["error"]["code"] for run in (*refused, bad_run)] == [
        "empty_file",
        "source_shrunken",
        "nothing_accepted",
    ]
    assert "accept_shrinkage=true" in refused[1]["error"]["detail"]
    assert levels(shop)["a"] == {"LONDON": 5, "DUBLIN": Decimal("2.5")}

    meant = shop.imported(nothing, kind="committed", accept_shrinkage="true")
    shop.imported(one, kind="stock-levels", accept_shrinkage="true")

    assert meant["counts"] == {"read": 0, "accepted": 0, "rejected": 0}
    assert levels(shop, "committed") == {"a": {}, "b/1": {}, "c": {}}
    assert levels(shop) == {"a": {}, "b/1": {}, "c": {"LONDON": 6}}


def test_a_part_of_the_stock_changes_what_it_names(shop: Importer) -> None:
    part = "item_id,location_id,current_stock\na,LONDON,6\nd,DUBLIN,1\nc,LONDON,lots\n"

    run = shop.imported(part, kind="stock-levels", mode="upsert")

    assert (_changes(run), run["result"]["kept"], run["counts"]["rejected"]) == ((1, 1, 0, 0), 0, 1)
    assert levels(shop) == {
        "a": {"LONDON": 6, "DUBLIN": Decimal("2.5")},
        "b/1": {"LONDON": 0},
        "c": {"LONDON": 7},
        "d": {"DUBLIN": 1},
    }


def test_records_without_a_location_are_of_the_default_one(shop: Importer) -> None:
    form: dict[str, Any] = {"kind": "stock-levels", "mode": "upsert", "default_location_id": "DUBLIN"}

    shop.imported("item_id,current_stock\na,1\n", **form)
    shop.imported("item_id,location_id,current_stock\nb/1,,2\nc,LONDON,3\n", **form)
    sales = shop.imported("item_id,date,quantity\na,2011-10-01,4\n", default_location_id="DUBLIN")

    assert levels(shop) == {"a": {"LONDON": 5, "DUBLIN": 1}, "b/1": {"LONDON": 0, "DUBLIN": 2}, "c": {"LONDON": 3}}
    assert sales["counts"]["accepted"] == 1
    assert [row[1] for row in shop.demand()] == ["DUBLIN"]
    unknown = shop.upload("item_id,current_stock\na,1\n", **form | {"default_location_id": "PARIS"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "location_not_found")
    assert unknown.json()["errors"][0]["pointer"] == "form/default_location_id"
    other = shop.upload("item_id\na\n", kind="products", default_location_id="DUBLIN")
    assert (other.status_code, other.json()["code"]) == (422, "not_for_this_kind")
