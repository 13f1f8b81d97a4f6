"""Which needs are pressing and which comes first: expressions over the columns that metrics compute.

Columns: `dir`, days that stock on hand lasts, null where nothing is expected to sell; `stockout_risk`;
`lead_time_days` (rules.md, "Order suggestions").
"""

from __future__ import annotations

import polars as pl

from shared.domain.settings import Settings


def days_until_order(settings: Settings) -> pl.Expr:
    """Days until stock falls to what lead time and safety buffer need; null where nothing is expected to sell."""
    return pl.col("dir") - (pl.col("lead_time_days") + settings.safety_buffer_days)


def is_pressing(settings: Settings) -> pl.Expr:
    """Whether an item is at risk, or would not last until an order arrives, with the safety buffer on top."""
    at_risk = pl.col("stockout_risk") >= settings.suggestion_min_risk
    return at_risk | (days_until_order(settings) < 0).fill_null(value=False)
