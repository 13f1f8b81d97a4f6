"""The dashboard's figures over one frame."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.summary import headline_metrics, top_rows
from shared.domain.planning.stock_status import StockStatus
from tests.support.catalogs import catalog_rows

_row = st.fixed_dictionaries(
    {
        "status": st.sampled_from([one.value for one in StockStatus]),
        "dir": st.none() | st.sampled_from([0.0, 3.3, 90.1]),
        "inventory_value": st.decimals(0, 10**9, places=2),
        "stockout_risk": st.sampled_from([0.0, 0.5, 1.0]),
    }
)


@given(st.lists(_row, max_size=15))
def test_counts_and_values_are_those_of_the_rows(rows: list[dict[str, Any]]) -> None:
    figures = vars(
        headline_metrics(catalog_rows(*({"item_id": str(number), **row} for number, row in enumerate(rows))))
    )
    assert figures["total_skus"] == len(rows)
    assert figures["total_inventory_value"] == sum((row["inventory_value"] for row in rows), Decimal(0))
    for status in ("understocked", "overstocked", "dead_stock"):
        of_status = [row["inventory_value"] for row in rows if row["status"] == status]
        assert figures[f"{status}_count"] == len(of_status)
        assert figures[f"{status}_value"] == sum(of_status, Decimal(0))
        assert figures[f"{status}_value"].as_tuple().exponent == -2
    known = [row["dir"] for row in rows if row["dir"] is not None]
    assert (figures["average_dir"] is None) == (not known)
    if known:
        assert abs(figures["average_dir"] - sum(known) / len(known)) <= 0.0500001


@given(st.lists(_row, max_size=15))
def test_the_top_rows_are_the_first_five_of_their_status(rows: list[dict[str, Any]]) -> None:
    named = [{"item_id": f"{number:02d}", **row} for number, row in enumerate(rows)]
    found = top_rows(catalog_rows(*named), StockStatus.UNDERSTOCKED, (pl.col("stockout_risk"), pl.col("dir")))
    of_status = [row for row in named if row["status"] == "understocked"]
    expected = sorted(of_status, key=lambda row: (-row["stockout_risk"], row["dir"] is None, -(row["dir"] or 0)))[:5]
    assert [row["item_id"] for row in found] == [row["item_id"] for row in expected]
