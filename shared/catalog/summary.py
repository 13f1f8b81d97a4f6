"""The dashboard's figures over one catalog frame."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from shared.catalog.indexed import IndexedFrame, SortKey
from shared.catalog.schema import PUBLIC_COLUMNS
from shared.domain.money import round_money
from shared.domain.planning.stock_status import StockStatus

_TOP = 5


def headline_metrics(rows: pl.DataFrame) -> dict[str, Any]:
    """Counts, values and the average DIR of rows that have one; DIR of none at all is null."""

    def value_of(status: StockStatus) -> pl.Expr:
        return pl.col("inventory_value").filter(pl.col("status") == status.value).sum()

    def count_of(status: StockStatus) -> pl.Expr:
        return (pl.col("status") == status.value).sum()

    figures = rows.select(
        total_skus=pl.len(),
        total_inventory_value=pl.col("inventory_value").sum(),
        understocked_count=count_of(StockStatus.UNDERSTOCKED),
        overstocked_count=count_of(StockStatus.OVERSTOCKED),
        dead_stock_count=count_of(StockStatus.DEAD_STOCK),
        average_dir=pl.col("dir").mean().round(1),
        understocked_value=value_of(StockStatus.UNDERSTOCKED),
        overstocked_value=value_of(StockStatus.OVERSTOCKED),
        dead_stock_value=value_of(StockStatus.DEAD_STOCK),
    ).row(0, named=True)
    return {key: round_money(value) if isinstance(value, Decimal) else value for key, value in figures.items()}


def top_rows(
    frame: IndexedFrame, status: StockStatus, sort: Sequence[SortKey], location_id: str | None
) -> list[dict[str, Any]]:
    """The first rows of a status in the wanted order; rows without the figure come last."""
    condition = pl.col("status") == status.value
    if location_id is not None:
        condition &= pl.col("location_id") == location_id
    _, rows = frame.page(condition, sort, 0, _TOP)
    return rows.select(list(PUBLIC_COLUMNS)).rows(named=True)
