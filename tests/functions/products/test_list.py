"""The product list: every filter, every sort, pages."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.products.schemas import ProductQuery
from shared.catalog.schema import SORTABLE
from shared.domain.folding import sorting_key
from tests.support.problems import assert_problem
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
    "category=lights": lambda row: row["category"] == "Lights",
    "category=LIGHTS,kitchen": lambda row: row["category"] in ("Lights", "Kitchen"),
    "category=Parts&category=clothes,hats": lambda row: row["category"] in ("Parts", "Clothes"),
    "category=hats": lambda row: False,
    "supplier_id=acme,fast": lambda row: row["supplier_id"] in ("acme", "fast"),
    "supplier_name=Acme Ltd": lambda row: row["supplier_id"] == "acme",
    "item_id=A/1,dead&item_id=b 2": lambda row: row["item_id"] in ("A/1", "dead", "b 2"),
    "sku=MUG-BLUE": lambda row: row["sku"] == "MUG-BLUE",
    "product_name=Tea towel": lambda row: row["product_name"] == "Tea towel",
    "abc=A": lambda row: row["abc"] == "A",
    "xyz=X,Y": lambda row: row["xyz"] in ("X", "Y"),
    "lifecycle=active,dead": lambda row: row["lifecycle"] in ("active", "dead"),
    "supplier_id=acme": lambda row: row["supplier_id"] == "acme",
    "status=understocked": lambda row: row["status"] == "understocked",
    "status=understocked,dead_stock": lambda row: row["status"] in ("understocked", "dead_stock"),
    "status=understocked&status=normal": lambda row: row["status"] in ("understocked", "normal"),
    "dead_stock=true": lambda row: row["status"] == "dead_stock",
    "dead_stock=false": lambda row: row["status"] != "dead_stock",
    "needs_review=true": lambda row: row["needs_review"],
    "needs_review=false": lambda row: not row["needs_review"],
    "marketing_threshold=below": lambda row: row["dir"] is not None and row["dir"] < 30,
    "marketing_threshold=above": lambda row: row["dir"] > 30 if row["dir"] is not None else row["current_stock"] > 0,
    "alert=dead_stock": lambda row: row["status"] == "dead_stock",
    "alert=out_of_stock": lambda row: row["item_id"] == "gone",
    "alert=needs_review": lambda row: row["needs_review"],
    "min_dir=5": _between("dir", 5, 1e9),
    "max_dir=5": _between("dir", 0, 5),
    "min_dir=30&max_dir=30": _between("dir", 30, 30),
    "min_stockout_risk=0.5": _between("stockout_risk", 0.5, 1),
    "max_stockout_risk=0": _between("stockout_risk", 0, 0),
    "min_current_stock=20.5": _between("current_stock", 20.5, 1e9),
    "max_current_stock=0": _between("current_stock", -1e9, 0),
    "min_current_stock=1E-39": _between("current_stock", 0.001, 1e9),
    "max_on_order=0": _between("on_order", -1e9, 0),
    "min_inventory_position=30": _between("inventory_position", 30, 1e9),
    "min_unit_cost=1&max_unit_cost=4.004": _between("unit_cost", 1, 4),
    "min_inventory_value=30&max_inventory_value=70": _between("inventory_value", 30, 70),
    "min_expected_daily_demand=2": _between("expected_daily_demand", 2, 1e9),
    "max_forecasted_demand_30d=30": _between("forecasted_demand_30d", 0, 30),
    "max_lead_time_days=10": _between("lead_time_days", 0, 10),
    "min_last_sale=2024-06-01": lambda row: row["last_sale"] is not None and row["last_sale"] >= "2024-06-01",
    "max_last_sale=2024-06-01": lambda row: row["last_sale"] is not None and row["last_sale"] <= "2024-06-01",
    "max_as_of=2024-06-02": lambda row: False,
    "category=Lights&status=understocked&min_current_stock=1&search=red": lambda row: row["item_id"] == "A/1",
    "status=understocked&max_dir=0": lambda row: row["item_id"] == "gone",
}


@pytest.mark.parametrize("query", _FILTERS)
def test_a_filter_leaves_what_it_says(full_shop: TestClient, rows: list[Row], query: str) -> None:
    page = full_shop.get(f"/products?{query}").json()
    expected = [row for row in rows if _FILTERS[query](row)]
    assert page["items"] == expected
    assert page["total"] == len(expected)
    assert len(expected) < len(rows) or query == "search="


@pytest.mark.parametrize(
    "query", ["", "status=understocked", "search=lantern&max_stockout_risk=1", "sort=-current_stock"]
)
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


_NAMES = ("sku", "product_name", "category", "supplier_name")


def _sort_key(column: str, value: Any) -> Any:
    return (sorting_key(value).encode(), value.encode()) if column in _NAMES else _key(value)


def _sorted(rows: list[Row], keys: list[tuple[str, bool]]) -> list[str]:
    found = sorted(rows, key=lambda row: row["item_id"].encode())
    for column, descending in reversed(keys):
        known = sorted(
            (row for row in found if row[column] is not None), key=lambda row: _sort_key(column, row[column])
        )
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


# Every filter there is, whatever it is given: a list, or what is wrong with it.
_PARAMETERS = sorted(set(ProductQuery.model_fields) - {"client_id"})
_ENDS = ("1E-39", "1e400", "-1E+999999", "1E-999999", "9" * 300, f"0.{'0' * 300}1", "NaN", "inf", "0001-01-01")
_TEXT = st.sampled_from((*_ENDS, "9999-12-31", "1e15", "-1e15", "", ",", ",,a", "\x00", "=1", "%", "\u200b", "İ"))


@given(st.dictionaries(st.sampled_from(_PARAMETERS), _TEXT | st.text(st.characters(exclude_categories=["Cs"]))))
@example({"min_current_stock": "1E-39"})
@example({"max_inventory_value": "1e400"})
def test_no_text_ends_the_process(full_shop: TestClient, query: dict[str, str]) -> None:
    response = full_shop.get("/products", params=query)
    assert response.status_code == 200 or assert_problem(response, 422, response.json()["code"])
    assert full_shop.get("/products/campaign-status", params=query).status_code == response.status_code


@pytest.mark.parametrize("path", ["/products", "/products/export", "/products/categories", "/products/campaign-status"])
@pytest.mark.parametrize("column", [name.removeprefix("min_") for name in _PARAMETERS if name.startswith("min_")])
def test_any_end_of_a_range_is_taken_or_refused(full_shop: TestClient, path: str, column: str) -> None:
    for text in _ENDS:
        for end in ("min", "max"):
            response = full_shop.get(path, params={f"{end}_{column}": text})
            assert response.status_code == 200 or assert_problem(response, 422, "invalid_input")


def test_a_lone_surrogate_is_no_text(full_shop: TestClient) -> None:
    response = full_shop.get("/products?search=%ED%A0%80&category=%ED%B0%80")
    assert (response.status_code, response.json()["total"]) == (200, 0)


def _counted(rows: list[Row]) -> list[dict[str, Any]]:
    names = [row["category"] for row in rows]
    return [{"category": name, "count": names.count(name)} for name in sorted(set(names))]


@pytest.mark.parametrize("query", ["", "status=understocked", "category=lights,kitchen&max_dir=5", "search=nothing"])
def test_categories_are_counted_under_a_filter(full_shop: TestClient, query: str) -> None:
    rows = full_shop.get(f"/products?{query}").json()["items"]
    page = full_shop.get(f"/products/categories?{query}").json()
    assert page["items"] == _counted(rows)
    assert (page["total"], page["page"], page["page_size"]) == (len(page["items"]), 1, 50)


def test_several_locations_are_listed_together(full_shop: TestClient, placed: list[Row]) -> None:
    listed = full_shop.get("/products?location_id=DUBLIN,LONDON&location_id=ROTTERDAM").json()["items"]
    assert listed == sorted(placed, key=lambda row: (row["item_id"].encode(), row["location_id"]))


def test_a_client_without_metrics_is_told_how_to_get_them(client: TestClient) -> None:
    response = client.get("/products")
    assert (response.status_code, response.json()["code"]) == (404, "catalog_not_ready")
    assert "/inventory/metrics/refresh" in response.json()["detail"]
