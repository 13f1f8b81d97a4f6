"""Filters and sort orders of product lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.indexed import IndexedFrame, SortKey
from shared.catalog.listing import ProductFilter, category_counts, parse_sort, product_page, product_rows
from shared.catalog.live import Catalog
from shared.catalog.schema import PUBLIC_COLUMNS
from shared.domain.errors import Invalid
from shared.domain.planning.stock_status import StockStatus
from shared.domain.settings import Settings
from tests.support.catalogs import catalog_rows

Row = dict[str, Any]


class Shown:
    """What a list needs of a catalog, without a database."""

    def __init__(self, rows: list[Row]) -> None:
        self.items = IndexedFrame(catalog_rows(*rows))
        self.locations = IndexedFrame(catalog_rows(*({**row, "location_id": "L"} for row in rows)))
        self.pointer = self
        self.settings = Settings(marketing_threshold_days=10)


@pytest.mark.parametrize(
    ("sort", "order", "keys"),
    [
        (None, None, ()),
        ("", None, ()),
        (",", "desc", ()),
        ("-dir,sku", None, (SortKey("dir", descending=True), SortKey("sku"))),
        (" dir , -sku ", "asc", (SortKey("dir"), SortKey("sku", descending=True))),
        ("dir,sku", "desc", (SortKey("dir", descending=True), SortKey("sku", descending=True))),
    ],
)
def test_sort_orders(sort: str | None, order: str | None, keys: tuple[SortKey, ...]) -> None:
    assert parse_sort(sort, order) == keys


@pytest.mark.parametrize(("sort", "order"), [("price", None), ("dir", "down"), ("strategic", None), ("dir;sku", None)])
def test_an_unknown_sort_names_what_is_allowed(sort: str, order: str | None) -> None:
    with pytest.raises(Invalid, match="allowed: ") as refused:
        parse_sort(sort, order)
    assert refused.value.errors[0].pointer == ("query/order" if order else "query/sort")


_numbers = st.none() | st.sampled_from([0.0, 0.25, 9.99, 10.0, 10.01, 500.0])
_row = st.fixed_dictionaries(
    {
        "product_name": st.sampled_from(["Lamp", "lamp shade", "MUG", "Été"]),
        "category": st.sampled_from(["A", "B", "a", "B, c"]),
        "supplier_id": st.sampled_from([None, "s", "t"]),
        "status": st.sampled_from([one.value for one in StockStatus]),
        "needs_review": st.booleans(),
        "last_sale": st.sampled_from([None, dt.date(2024, 2, 29), dt.date(2024, 3, 1)]),
        "lead_time_days": st.sampled_from([13, 14, 15]),
        "dir": _numbers,
        "stockout_risk": st.sampled_from([0.0, 0.25, 1.0]),
        "current_stock": st.sampled_from([Decimal(-1), Decimal(0), Decimal("0.5"), Decimal(10)]),
        "inventory_value": st.sampled_from([Decimal("-1.00"), Decimal("0.00"), Decimal("9.99"), Decimal("10.00")]),
    }
)


def _some(column: str, *values: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from([{}, *({column: value} for value in values)])


def _merged(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda drawn: {name: value for part in drawn for name, value in part.items()})


_filter = st.builds(
    ProductFilter,
    search=st.sampled_from([None, "", "LAMP", "été", "ete", "sha"]),
    dead_stock=st.sampled_from([None, True, False]),
    marketing_threshold=st.sampled_from([None, "below", "above"]),
    any_of=_merged(
        _some("category", [], ["A"], ["a"], ["A", "B, c"], ["a, b,C, d"], ["b, C"]),
        _some("supplier_id", ["s"], ["s,t"], [f"{number}" for number in range(20)]),
        _some("status", ["normal"], ["normal", "dead_stock"]),
        _some("location_id", ["L"], ["D"], ["D", "L"]),
    ),
    flags=_some("needs_review", True, False),
    least=_merged(
        _some("dir", 0.25, 10.0),
        _some("stockout_risk", 0.25),
        _some("current_stock", Decimal(0), Decimal("0.5"), Decimal("1E-39"), Decimal("-1E+15")),
        _some("inventory_value", Decimal(0), Decimal("9.99"), Decimal("9.9900001")),
        _some("last_sale", dt.date(1, 1, 1), dt.date(2024, 2, 29)),
        _some("lead_time_days", 14, 15),
    ),
    most=_merged(
        _some("dir", 0.25, 10.0),
        _some("stockout_risk", 0.25),
        _some("current_stock", Decimal(0), Decimal("-1E-39"), Decimal("1E+15")),
        _some("inventory_value", Decimal("9.990"), Decimal("9.9999999")),
        _some("last_sale", dt.date(9999, 12, 31), dt.date(2024, 2, 29)),
    ),
)


def holds(wanted: ProductFilter, row: Row, rows: list[Row]) -> bool:
    """The filter in plain words; ranges include their ends, and what is not known is in no range."""
    known = row["dir"] is not None
    text = f"{row['product_name']}\n{row['category']}".casefold().replace("é", "e")
    listed = {"location_id": "L", **row}
    return all(
        (
            not wanted.search or wanted.search.casefold().replace("é", "e") in text,
            wanted.dead_stock is None or (row["status"] == "dead_stock") == wanted.dead_stock,
            wanted.marketing_threshold != "below" or (known and row["dir"] < 10),
            wanted.marketing_threshold != "above" or (row["dir"] > 10 if known else row["current_stock"] > 0),
            *(_is_any_of(column, listed[column], texts, rows) for column, texts in wanted.any_of.items()),
            *(row[column] is value for column, value in wanted.flags.items()),
            *(row[column] is not None and row[column] >= value for column, value in wanted.least.items()),
            *(row[column] is not None and row[column] <= value for column, value in wanted.most.items()),
        )
    )


def _is_any_of(column: str, value: Any, texts: Sequence[str], rows: list[Row]) -> bool:
    """A category whatever its case; one with a comma is found by its whole name."""
    alike = [text.casefold() if column == "category" else text for text in texts]
    present = {row["category"].casefold() for row in rows} if column == "category" else set()
    parts = {part.strip() for text in alike for part in ([text] if text in present else text.split(","))}
    return not texts or (value is not None and (value.casefold() if column == "category" else value) in parts)


@given(st.lists(_row, max_size=12), _filter)
def test_a_list_holds_what_its_filter_says_in_plain_words(rows: list[Row], wanted: ProductFilter) -> None:
    named = [{"item_id": f"{number:02d}", **row} for number, row in enumerate(rows)]
    catalog: Catalog = Shown(named)  # type: ignore[assignment]
    total, page = product_page(catalog, wanted, (), 0, 5)
    expected = [row["item_id"] for row in named if holds(wanted, row, rows)]
    assert (total, page["item_id"].to_list()) == (len(expected), expected[:5])
    assert page.columns == list(PUBLIC_COLUMNS)
    assert set(page["location_id"]) <= ({"L"} if wanted.any_of.get("location_id") else {None})


@given(
    st.lists(_row, max_size=12), _filter, st.sampled_from(["", "-dir,product_name", "stockout_risk", "-supplier_id"])
)
def test_the_rows_of_all_pages_are_the_whole_list(rows: list[Row], wanted: ProductFilter, sort: str) -> None:
    named = [{"item_id": f"{number:02d}", **row} for number, row in enumerate(rows)]
    catalog: Catalog = Shown(named)  # type: ignore[assignment]
    keys = parse_sort(sort, None)
    pages = [product_page(catalog, wanted, keys, offset, 5)[1] for offset in (0, 5, 10)]
    assert product_rows(catalog, wanted, keys).equals(pl.concat(pages))


def test_a_category_is_counted_however_it_is_written() -> None:
    written = ["Lights", "LIGHTS", "lights", "Lights", "Café", "cafe", "Zoo 10", "Zoo 9"]
    catalog: Catalog = Shown([{"item_id": str(number), "category": name} for number, name in enumerate(written)])  # type: ignore[assignment]
    assert category_counts(catalog, ProductFilter()) == [("Café", 2), ("Lights", 4), ("Zoo 9", 1), ("Zoo 10", 1)]
    for category, count in category_counts(catalog, ProductFilter()):
        assert product_page(catalog, ProductFilter(any_of={"category": [category]}), (), 0, 9)[0] == count
