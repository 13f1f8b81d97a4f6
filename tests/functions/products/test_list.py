"""The product list: every filter, every sort, pages."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from shared.catalog.schema import SORTABLE
from tests.support.shops import STATUSES
from tests.support.tenants import TestClient

Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows(full_shop: TestClient) -> list[Row]:
    found: list[Row] = full_shop.get("/products").json()["items"]
    return found


@pytest.fixture(scope="module")
def placed(full_shop: TestClient) -> list[Row]:
    """The rows of every item at every location."""
    pages = [full_shop.get(f"/products?location_id={place}").json() for place in ("DUBLIN", "LONDON", "ROTTERDAM")]
    return [row for page in pages for row in page["items"]]


def test_all_products_are_listed_by_their_id(rows: list[Row]) -> None:
    assert {row["item_id"]: row["status"] for row in rows} == STATUSES
    assert [row["item_id"] for row in rows] == sorted(STATUSES, key=str.encode)
    assert {row["location_id"] for row in rows} == {None}
    assert {row["as_of"] for row in rows} == {"2024-06-03"}


def _between(column: str, least: float, most: float) -> Callable[[Row], bool]:
    return lambda row: row[column] is not None and least <= row[column] <= most


_FILTERS: dict[str, Callable[[Row], bool]] = {
    "search=lantern": lambda row: "lantern" in row["product_name"].lower(),
    "search=LANTERN": lambda row: "lantern" in row["product_name"].lower(),
    "search=mug-bl": lambda row: row["sku"] == "MUG-BLUE",
    "search=a/1": lambda row: row["item_id"] == "A/1",
    "search=kitchen": lambda row: row["category"] == "Kitchen",
    "search=%C3%9CN%C3%8F": lambda row: row["item_id"] == "ünï©ødé",
    "search=.*": lambda row: False,  # text, not a pattern
    "search=": lambda row: True,
    "category=Lights": lambda row: row["category"] == "Lights",
    "category=lights": lambda row: False,
    "supplier_id=acme": lambda row: row["supplier_id"] == "acme",
    "status=understocked": lambda row: row["status"] == "understocked",
    "status=understocked,dead_stock": lambda row: row["status"] in ("understocked", "dead_stock"),
    "status=understocked&status=normal": lambda row: row["status"] in ("understocked", "normal"),
    "dead_stock=true": lambda row: row["status"] == "dead_stock",
    "dead_stock=false": lambda row: row["status"] != "dead_stock",
    "needs_review=true": lambda row: row["needs_review"],
    "needs_review=false": lambda row: not row["needs_review"],
    "marketing_threshold=below": lambda row: row["dir"] is not None and row["dir"] < 30,
    "marketing_threshold=above": lambda row: row["dir"] is not None and row["dir"] > 30,
    "min_dir=5": _between("dir", 5, 1e9),
    "max_dir=5": _between("dir", 0, 5),
    "min_dir=30&max_dir=30": _between("dir", 30, 30),
    "min_risk=0.5": _between("stockout_risk", 0.5, 1),
    "max_risk=0": _between("stockout_risk", 0, 0),
    "min_stock=20.5": _between("current_stock", 20.5, 1e9),
    "max_stock=0": _between("current_stock", -1e9, 0),
    "min_value=30&max_value=70": _between("inventory_value", 30, 70),
    "category=Lights&status=understocked&min_stock=1&search=red": lambda row: row["item_id"] == "A/1",
    "status=understocked&max_dir=0": lambda row: row["item_id"] == "gone",
}


@pytest.mark.parametrize("query", _FILTERS)
def test_a_filter_leaves_what_it_says(full_shop: TestClient, rows: list[Row], query: str) -> None:
    page = full_shop.get(f"/products?{query}").json()
    expected = [row for row in rows if _FILTERS[query](row)]
    assert page["items"] == expected
    assert page["total"] == len(expected)
    assert len(expected) < len(rows) or query == "search="


@pytest.mark.parametrize("query", ["", "status=understocked", "search=lantern&max_risk=1", "sort=-current_stock"])
def test_at_a_location_the_rows_are_the_items_there(full_shop: TestClient, query: str) -> None:
    page = full_shop.get(f"/products?location_id=LONDON&{query}").json()
    assert page["items"]
    assert {row["location_id"] for row in page["items"]} == {"LONDON"}
    assert full_shop.get("/products?location_id=PARIS").json()["total"] == 0


def test_stock_at_the_locations_adds_up_to_the_items(rows: list[Row], placed: list[Row]) -> None:
    for row in rows:
        here = [one for one in placed if one["item_id"] == row["item_id"]]
        assert sum(one["current_stock"] for one in here) == row["current_stock"]


def _key(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def _sorted(rows: list[Row], keys: list[tuple[str, bool]]) -> list[str]:
    found = sorted(rows, key=lambda row: row["item_id"].encode())
    for column, descending in reversed(keys):
        known = sorted((row for row in found if row[column] is not None), key=lambda row: _key(row[column]))
        if descending:
            groups = [list(group) for _, group in itertools.groupby(known, key=lambda row: row[column])]
            known = [row for group in reversed(groups) for row in group]
        found = known + [row for row in found if row[column] is None]
    return [row["item_id"] for row in found]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", SORTABLE)
def test_every_column_sorts_both_ways(full_shop: TestClient, rows: list[Row], column: str, descending: bool) -> None:
    sign = "-" if descending else ""
    expected = _sorted(rows, [(column, descending)])
    for query in (f"sort={sign}{column}", f"sort={column}&order={'desc' if descending else 'asc'}"):
        assert [row["item_id"] for row in full_shop.get(f"/products?{query}").json()["items"]] == expected


@pytest.mark.parametrize(
    "sort", ["status,-inventory_value", "-category,product_name", "-supplier_name,lead_time_days,-dir", " -dir , sku"]
)
def test_several_columns_sort_one_after_the_other(full_shop: TestClient, rows: list[Row], sort: str) -> None:
    keys = [(part.strip().removeprefix("-"), part.strip().startswith("-")) for part in sort.split(",")]
    page = full_shop.get("/products", params={"sort": sort}).json()
    assert [row["item_id"] for row in page["items"]] == _sorted(rows, keys)


@pytest.mark.parametrize("query", ["", "sort=-stockout_risk", "status=understocked,overstocked&sort=category"])
def test_pages_hold_every_row_once_in_order(full_shop: TestClient, query: str) -> None:
    whole = full_shop.get(f"/products?{query}").json()
    pages = [full_shop.get(f"/products?{query}&page_size=2&page={number}").json() for number in range(1, 7)]
    assert [row for page in pages for row in page["items"]] == whole["items"]
    assert {page["total"] for page in pages} == {whole["total"]}
    assert [(page["page"], page["page_size"]) for page in pages] == [(number, 2) for number in range(1, 7)]


def test_a_client_without_metrics_is_told_how_to_get_them(client: TestClient) -> None:
    response = client.get("/products")
    assert (response.status_code, response.json()["code"]) == (404, "catalog_not_ready")
    assert "/inventory/metrics/refresh" in response.json()["detail"]
