"""The backtest that comes with a run: its rows, and how good it was, over all items and of one.

Definitions as in accuracy_queries, but over every day of the backtest: each was forecast from the same origin. Days of
which demand is not known (null) count nowhere. Where nothing was sold, ratios are null.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from shared.bigquery.query import RowQuery


class RunBacktest(NamedTuple):
    """The metrics over all items of a run (`over_all`), or over those of one recency group, null: had never sold.

    Without an item, the dates are null.
    """

    over_all: bool
    recency: str | None
    items: int
    origin_date: dt.date | None
    last_date: dt.date | None
    days: int
    units: float | None
    forecast_units: float | None
    wape: float | None
    bias: float | None
    wql: float | None
    covered_q50: float | None
    covered_q80: float | None
    covered_q90: float | None
    covered_q95: float | None
    naive_wape: float | None
    fva: float | None


class ItemBacktestDay(NamedTuple):
    """A day of an item's backtest with its quantiles, and the metrics over all its days."""

    date_local: dt.date
    units_sold: float | None
    mean: float
    q05: float
    q10: float
    q20: float
    q30: float
    q40: float
    q50: float
    q60: float
    q70: float
    q80: float
    q90: float
    q95: float
    origin_date: dt.date
    last_date: dt.date
    days: int
    units: float | None
    forecast_units: float | None
    wape: float | None
    bias: float | None
    wql: float | None
    covered_q50: float | None
    covered_q80: float | None
    covered_q90: float | None
    covered_q95: float | None
    naive_wape: float | None
    fva: float | None


RUN_BACKTEST = RowQuery("run_backtest", RunBacktest)
ITEM_BACKTEST = RowQuery("item_backtest", ItemBacktestDay)
