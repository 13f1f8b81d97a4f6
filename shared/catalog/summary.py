"""The dashboard's figures over one catalog frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from shared.catalog.headline import HeadlineMetrics
from shared.catalog.schema import PUBLIC_COLUMNS, CatalogRow, public_rows
from shared.catalog.valuation import COST
from shared.domain.money import round_money
from shared.domain.planning.predicates import has_status, is_dead_stock, is_out_of_stock
from shared.domain.planning.stock_status import StockStatus

_TOP = 5
_VALUES = (
    *("total_inventory_value", "understocked_value", "overstocked_value", "dead_stock_value"),
    *("sales_at_risk", "excess_value"),
)


def headline_metrics(rows: pl.DataFrame) -> HeadlineMetrics:
    """The figures over the rows of a frame.

    `average_dir` is how long the money in stock lasts: its value over the cost of what is expected to sell a day, of
    all that is not dead; None where nothing is expected to sell. `median_dir` is that of the rows with a DIR.
    """
    return _headlines(rows.select_seq(**_figures()).row(0, named=True))


def headlines_by_location(rows: pl.DataFrame) -> dict[str | None, HeadlineMetrics]:
    """The figures over the rows of each location, and over those of items as a whole (None)."""
    grouped = rows.group_by("location_id").agg(**_figures())
    return {figures.pop("location_id"): _headlines(figures) for figures in grouped.iter_rows(named=True)}


def _figures() -> dict[str, pl.Expr]:
    value, alive = pl.col("inventory_value"), ~is_dead_stock()
    cost_a_day = pl.col("expected_daily_demand") * COST.cast(pl.Float64)
    return {
        "total_skus": pl.len(),
        "total_inventory_value": value.sum(),
        "understocked_count": has_status(StockStatus.UNDERSTOCKED).sum(),
        "overstocked_count": has_status(StockStatus.OVERSTOCKED).sum(),
        "dead_stock_count": is_dead_stock().sum(),
        "out_of_stock_count": is_out_of_stock().sum(),
        "value_alive": value.filter(alive).sum().cast(pl.Float64),
        "cost_a_day": cost_a_day.filter(alive).sum(),
        "median_dir": pl.col("dir").filter(alive).median().round(1),
        "understocked_value": value.filter(has_status(StockStatus.UNDERSTOCKED)).sum(),
        "overstocked_value": value.filter(has_status(StockStatus.OVERSTOCKED)).sum(),
        "dead_stock_value": value.filter(is_dead_stock()).sum(),
        "sales_at_risk": _all_of("sales_at_risk"),
        "excess_value": _all_of("excess_value"),
    }


def _all_of(name: str) -> pl.Expr:
    """The sum; null where a row lacks it."""
    return pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum())


def _headlines(figures: dict[str, Any]) -> HeadlineMetrics:
    worth, a_day = figures.pop("value_alive"), figures.pop("cost_a_day")
    average_dir = round(worth / a_day, 1) if a_day > 0 else None
    values = {name: None if (value := figures[name]) is None else round_money(value) for name in _VALUES}
    return HeadlineMetrics(**figures | values, average_dir=average_dir)


def top_rows(rows: pl.DataFrame, status: StockStatus, order: Sequence[pl.Expr]) -> list[CatalogRow]:
    """The rows of a status with the largest first figure; of equals, those with the larger second, then by their key.

    Rows without the figure come last.
    """
    chosen = rows.filter(has_status(status))
    top = chosen.sort(*order, descending=True, nulls_last=True, maintain_order=True).head(_TOP)
    return public_rows(top.select(list(PUBLIC_COLUMNS)))
