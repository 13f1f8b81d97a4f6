"""Filters and sort orders of product lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.indexed import IndexedFrame, SortKey
from shared.catalog.listing import ProductFilter, parse_sort, product_page, product_rows
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
        "category": st.sampled_from(["A", "B"]),
        "supplier_id": st.sampled_from([None, "s", "t"]),
        "status": st.sampled_from([one.value for one in StockStatus]),
        "needs_review": st.booleans(),
        "dir": _numbers,
        "stockout_risk": st.sampled_from([0.0, 0.25, 1.0]),
        "current_stock": st.sampled_from([Decimal(-1), Decimal(0), Decimal("0.5"), Decimal(10)]),
        "inventory_value": st.sampled_from([Decimal("-1.00"), Decimal("0.00"), Decimal("9.99"), Decimal("10.00")]),
    }
)
_filter = st.builds(
    ProductFilter,
    search=st.sampled_from([None, "", "LAMP", "été", "sha"]),
    category=st.sampled_from([(), ("A",), ("A", "B")]),
    supplier_id=st.sampled_from([(), ("s",)]),
    status=st.sampled_from([(), (StockStatus.NORMAL,), (StockStatus.NORMAL, StockStatus.DEAD_STOCK)]),
    dead_stock=st.sampled_from([None, True, False]),
    marketing_threshold=st.sampled_from([None, "below", "above"]),
    needs_review=st.sampled_from([None, True, False]),
    min_dir=_numbers,
    max_dir=_numbers,
    min_risk=st.sampled_from([None, 0.25]),
    max_risk=st.sampled_from([None, 0.25]),
    min_stock=st.sampled_from([None, Decimal(0), Decimal("0.5")]),
    max_stock=st.sampled_from([None, Decimal(0), Decimal("0.5")]),
    min_value=st.sampled_from([None, Decimal("0"), Decimal("9.99")]),
    max_value=st.sampled_from([None, Decimal("9.990")]),
    location_id=st.sampled_from([None, "L", "D"]),
)


def holds(wanted: ProductFilter, row: Row) -> bool:
    """The filter in plain words; ranges include their ends, and what is not known is in no range."""
    known = row["dir"] is not None
    ranges = (("dir", "dir"), ("risk", "stockout_risk"), ("stock", "current_stock"), ("value", "inventory_value"))
    return all(
        (
            not wanted.search or wanted.search.lower() in f"{row['product_name']}\n{row['category']}".lower(),
            not wanted.category or row["category"] in wanted.category,
            not wanted.supplier_id or row["supplier_id"] in wanted.supplier_id,
            not wanted.status or row["status"] in wanted.status,
            wanted.dead_stock is None or (row["status"] == "dead_stock") == wanted.dead_stock,
            wanted.needs_review is None or row["needs_review"] == wanted.needs_review,
            wanted.marketing_threshold != "below" or (known and row["dir"] < 10),
            wanted.marketing_threshold != "above" or (known and row["dir"] > 10),
            wanted.location_id in (None, "L"),
            *(
                _inside(row[column], getattr(wanted, f"min_{name}"), getattr(wanted, f"max_{name}"))
                for name, column in ranges
            ),
        )
    )


def _inside(value: Any, least: Any, most: Any) -> bool:
    if least is None and most is None:
        return True
    return value is not None and (least is None or value >= least) and (most is None or value <= most)


@given(st.lists(_row, max_size=12), _filter)
def test_a_list_holds_what_its_filter_says_in_plain_words(rows: list[Row], wanted: ProductFilter) -> None:
    named = [{"item_id": f"{number:02d}", **row} for number, row in enumerate(rows)]
    catalog: Catalog = Shown(named)  # type: ignore[assignment]
    total, page = product_page(catalog, wanted, (), 0, 5)
    expected = [row["item_id"] for row in named if holds(wanted, row)]
    assert (total, page["item_id"].to_list()) == (len(expected), expected[:5])
    assert page.columns == list(PUBLIC_COLUMNS)
    assert set(page["location_id"]) <= {wanted.location_id}


@given(
    st.lists(_row, max_size=12), _filter, st.sampled_from(["", "-dir,product_name", "stockout_risk", "-supplier_id"])
)
def test_the_rows_of_all_pages_are_the_whole_list(rows: list[Row], wanted: ProductFilter, sort: str) -> None:
    named = [{"item_id": f"{number:02d}", **row} for number, row in enumerate(rows)]
    catalog: Catalog = Shown(named)  # type: ignore[assignment]
    keys = parse_sort(sort, None)
    pages = [product_page(catalog, wanted, keys, offset, 5)[1] for offset in (0, 5, 10)]
    assert product_rows(catalog, wanted, keys).equals(pl.concat(pages))
