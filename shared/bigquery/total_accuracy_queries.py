"""Accuracy of the published totals, which an order rests on: scoring them once their window is over, and what stock the
naive forecast would have needed in their place.

Definitions as in accuracy_queries, of the demand of a run's first 7 or 28 days together. A window in which any day is
missing is in no sum: what would have sold on it is not known. The naive total is what the week before the run sold, as
often as the window has weeks, which is the sum of the same weekdays; unknown where a day of that week is missing or
older than the client's first record.

What items cost is read from `inventory_metrics` of the last days before the scoring.
"""

from __future__ import annotations

from typing import NamedTuple

from shared.bigquery.query import Query, RowQuery

# Demand is read from this long before the first run: the week before it, and one that tells whether the client is
# older, should its shops have been closed on a day.
TOTALS_HISTORY_DAYS = 14
# Costs are the last of so many days before the day on which windows end, and of the day after.
COST_DAYS = 6

# Scores the totals of some runs; run again over the same it changes nothing.
SCORE_TOTALS = Query("score_totals")


class StockOverForecast(NamedTuple):
    """What stock of forecast + `factor` x spread would have cost and sold, summed over windows and runs.

    The spread is the series' scale x the root of the days, as if they were independent: the same for both forecasts,
    so that nothing but the forecasts makes a difference. Of the `known_windows` only those count of which a cost and
    the naive forecast are known (`windows`, of so many `runs`); `units` are what they sold. Without any there is one
    row, and from `factor` on it is null.
    """

    known_windows: int
    windows_with_cost: int
    windows: int
    runs: int
    factor: float | None
    units: float
    filled: float
    stock_value: float
    naive_filled: float
    naive_stock_value: float


STOCK_CURVES = RowQuery("stock_curves", StockOverForecast)
