"""The dashboard's figures over one catalog frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from shared.catalog.schema import PUBLIC_COLUMNS, CatalogRow, public_rows
from shared.domain.money import round_money
from shared.domain.planning.stock_status import StockStatus

_TOP = 5
_VALUES = ("total_inventory_value", "understocked_value", "overstocked_value", "dead_stock_value")


@dataclass(frozen=True)
class HeadlineMetrics:
    """Counts, and values at cost with 2 decimals; `average_dir` is that of the rows with a DIR, None without one."""

    total_skus: int
    total_inventory_value: Decimal
    understocked_count: int
    overstocked_count: int
    dead_stock_count: int
    average_dir: float | None
    understocked_value: Decimal
    overstocked_value: Decimal
    dead_stock_value: Decimal


def headline_metrics(rows: pl.DataFrame) -> HeadlineMetrics:
    """The figures over the rows of a frame."""

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
    return HeadlineMetrics(**figures | {name: round_money(figures[name]) for name in _VALUES})


def top_rows(rows: pl.DataFrame, status: StockStatus, order: Sequence[pl.Expr]) -> list[CatalogRow]:
    """The rows of a status with the largest first figure; of equals, those with the larger second, then by their key.

    Rows without the figure come last.
    """
    chosen = rows.filter(pl.col("status") == status.value)
    top = chosen.sort(*order, descending=True, nulls_last=True, maintain_order=True).head(_TOP)
    return public_rows(top.select(list(PUBLIC_COLUMNS)))
