"""The dashboard's figures over one frame."""

from __future__ import annotations

from decimal import Decimal
from statistics import median
from typing import Any

import polars as pl
import pytest
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
        "unit_cost": st.sampled_from([Decimal("0.00"), Decimal("0.35"), Decimal("9.99")]),
        "expected_daily_demand": st.sampled_from([0.0, 0.001, 12.5]),
        "sales_at_risk": st.decimals(0, 10**9, places=2),
        "excess_value": st.decimals(0, 10**9, places=2),
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
    for name in ("sales_at_risk", "excess_value"):
        assert figures[name] == sum((row[name] for row in rows), Decimal(0))
    alive = [row for row in rows if row["status"] != "dead_stock"]
    worth = float(sum(row["inventory_value"] for row in alive))
    cost_a_day = sum(row["expected_daily_demand"] * float(row["unit_cost"]) for row in alive)
    if cost_a_day:
        assert figures["average_dir"] == pytest.approx(worth / cost_a_day, abs=0.051)
    else:
        assert figures["average_dir"] is None
    known = [row["dir"] for row in alive if row["dir"] is not None]
    assert figures["median_dir"] == (pytest.approx(median(known), abs=0.051) if known else None)


def test_average_dir_is_what_the_money_in_stock_lasts_not_what_a_few_items_do() -> None:
    """One item that lasts for ever is one cent in a thousand; dead stock is not in it."""
    rows = catalog_rows(
        {"item_id": "a", "inventory_value": Decimal("1000.00"), "expected_daily_demand": 10.0, "dir": 10.0}
        | {"status": "normal"},
        {"item_id": "b", "inventory_value": Decimal("1.00"), "expected_daily_demand": 0.0, "dir": 999.0}
        | {"status": "overstocked"},
        {"item_id": "c", "inventory_value": Decimal("5000.00"), "expected_daily_demand": 0.0, "status": "dead_stock"},
    )
    figures = headline_metrics(rows.with_columns(unit_cost=pl.lit(Decimal("10.00"))))
    assert (figures.average_dir, figures.median_dir) == (10.0, 504.5)  # 1001 / 100 a day


@given(st.lists(_row, max_size=15))
def test_the_top_rows_are_the_first_five_of_their_status(rows: list[dict[str, Any]]) -> None:
    named = [{"item_id": f"{number:02d}", **row} for number, row in enumerate(rows)]
    found = top_rows(catalog_rows(*named), StockStatus.UNDERSTOCKED, (pl.col("stockout_risk"), pl.col("dir")))
    of_status = [row for row in named if row["status"] == "understocked"]
    expected = sorted(of_status, key=lambda row: (-row["stockout_risk"], row["dir"] is None, -(row["dir"] or 0)))[:5]
    assert [row["item_id"] for row in found] == [row["item_id"] for row in expected]
