"""The questions that lists, filters, counts and advice ask of a row, each answered in one place (rules.md).

Expressions over rows of an item, or of an item at a location: who counts rows and who lists them ask the same, so that
their numbers agree.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from shared.domain.planning.basis import Basis
from shared.domain.planning.stock_status import StockStatus
from shared.domain.settings import ThresholdFilters


def has_status(status: StockStatus) -> pl.Expr:
    return pl.col("status") == status.value


def is_dead_stock() -> pl.Expr:
    """In stock, and nobody is expected to buy it: the one meaning of dead stock."""
    return has_status(StockStatus.DEAD_STOCK)


def is_to_order() -> pl.Expr:
    """Whether the ordering policy suggests a quantity; of a location, whether it gets a share of it."""
    return pl.col("reorder_quantity") > 0


def is_urgent(limits: ThresholdFilters) -> pl.Expr:
    """Likely to run out, and something can be done: an order or a transfer is suggested, or an order is on its way and
    may be late."""
    short = has_status(StockStatus.UNDERSTOCKED) & (pl.col("stockout_risk") > limits.urgent_min_risk)
    return short & (is_to_order() | (pl.col("transfer_in") > 0) | (pl.col("on_order") > 0))


def is_out_of_stock() -> pl.Expr:
    """Nothing is left of what is expected to sell."""
    return has_status(StockStatus.UNDERSTOCKED) & (pl.col("current_stock") <= 0)


def lasts_longer_than(days: int) -> pl.Expr:
    """DIR above so many days; stock of which nothing is expected to sell lasts for good."""
    return (pl.col("dir") > days) | (pl.col("dir").is_null() & (pl.col("current_stock") > 0))


def lasts_less_than(days: int) -> pl.Expr:
    """DIR below so many days."""
    return pl.col("dir") < days


def sold_since(day: dt.date) -> pl.Expr:
    """Whether the last sale is later than that day."""
    return (pl.col("last_sale") > day).fill_null(value=False)


def has_no_forecast() -> pl.Expr:
    return pl.col("demand_basis") != Basis.FORECAST.value


def is_in_plenty(limits: ThresholdFilters) -> pl.Expr:
    """Neither short nor to be ordered: of such an item alone an order may be reduced, or the sales promoted."""
    safe = pl.col("stockout_risk") <= limits.urgent_min_risk
    return safe & ~has_status(StockStatus.UNDERSTOCKED) & ~is_to_order()
