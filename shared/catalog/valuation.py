"""What a unit of a row is worth: at cost, for its stock, and at its price, for sales that are lost."""

from __future__ import annotations

import polars as pl

from shared.domain.planning.basis import CostBasis, SalePriceBasis

_HAS_COST = pl.col("unit_cost") > 0  # 0: not known
_HAS_SUPPLIER_COST = pl.col("supplier_cost") > 0

COST = pl.when(_HAS_COST | ~_HAS_SUPPLIER_COST.fill_null(False)).then("unit_cost").otherwise("supplier_cost")
"""unit_cost; where that is not known, what the supplier that planning uses asks; 0 where neither is known."""

COST_BASIS = (
    pl.when(_HAS_COST)
    .then(pl.lit(CostBasis.UNIT_COST.value))
    .when(_HAS_SUPPLIER_COST)
    .then(pl.lit(CostBasis.SUPPLIER_COST.value))
)
"""Which of them COST is; null: neither is known."""

PRICE = pl.coalesce("sale_price", "unit_price", COST)
"""What a unit brought in sales; else the price that the client gave, else COST."""

PRICE_BASIS = (
    pl.when(pl.col("sale_price").is_not_null())
    .then(pl.lit(SalePriceBasis.SALES.value))
    .when(pl.col("unit_price").is_not_null())
    .then(pl.lit(SalePriceBasis.UNIT_PRICE.value))
    .otherwise(COST_BASIS)
)
"""Which of them PRICE is; null: none is known."""


def blocked(as_of: pl.Expr) -> pl.Expr:
    """Whether the client does not want the row's item ordered on that day."""
    planning = pl.col("planning").struct
    until = planning.field("do_not_order_until")
    return planning.field("do_not_order").fill_null(False) & (until.is_null() | (until >= as_of))
