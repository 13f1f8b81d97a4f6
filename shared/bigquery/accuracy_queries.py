"""Accuracy of frozen forecasts: scoring them once their days are over, and reading the scores by group.

A forecast of a day is compared with what was sold on it, at the lags of `ACCURACY_LAGS`. Definitions (rules.md): F is
the expected demand, A what was sold, returns counting as nothing and a day without a row as a day without a sale. A day
that began without stock and sold nothing says nothing about demand: it is missing, and in no sum.

- The seasonal naive forecast is the same weekday of the week before the run; unknown where that day is missing or older
  than the client's first record.
- MASE's scale is the mean absolute difference of days a week apart, both within the 13 weeks before the run (Hyndman
  and Koehler 2006, "Another look at measures of forecast accuracy"); without a scale above zero a day is not in MASE.
- The recency of a forecast is that of its item before the run date (shared.domain.recency).
- WQL is the mean over the stored levels of 2 x pinball loss / units sold.

Ratios of a group are made of the sums of its rows, never of their ratios. WAPE, MAPE, bias, WQL and FVA are fractions.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

from shared.bigquery.query import Query, RowQuery

AccuracyGroup = Literal["all", "item", "category", "demand_pattern", "engine", "lag", "recency"]

# Demand is read from this long before the first run: 13 weeks, and a month that tells whether the client is older.
HISTORY_DAYS = 13 * 7 + 31


class AccuracyProgress(NamedTuple):
    """The last day of demand, and the last day that forecasts were scored on; null where there is none."""

    known_until: dt.date | None
    scored_until: dt.date | None


class GroupAccuracy(NamedTuple):
    """The accuracy of a group, beside how many groups there are in all, and the last day that any was scored on; and
    that of its totals over one window (total_accuracy_queries).

    A group has a row for each window, or one whose `window_days` is null where none is over. A page behind the last one
    is a row of `total` and `as_of` alone: `forecasts` is null.
    """

    total: int
    as_of: dt.date | None
    group_key: str | None
    forecasts: int | None
    days: int
    actual: float
    forecast: float
    wape: float | None
    bias: float | None
    mape: float | None
    rmse: float | None
    mase: float | None
    wql: float | None
    covered_q50: float | None
    covered_q80: float | None
    covered_q90: float | None
    covered_q95: float | None
    naive_wape: float | None
    fva: float | None
    window_days: int | None
    windows: int | None
    window_units: float | None
    window_forecast: float | None
    window_wape: float | None
    window_covered_q80: float | None
    window_covered_q90: float | None
    window_covered_q95: float | None
    window_covered_q98: float | None


class LagAccuracy(NamedTuple):
    """The accuracy of a run on the day `lag` that it is for, over all items."""

    lag: int
    forecasts: int
    wape: float | None
    bias: float | None
    wql: float | None


ACCURACY_PROGRESS = RowQuery("accuracy_progress", AccuracyProgress)
# Scores the forecasts of some runs; run again over the same forecasts and demand it changes nothing.
SCORE_FORECASTS = Query("score_forecasts")
ACCURACY_BY_GROUP = RowQuery("accuracy_by_group", GroupAccuracy)
ACCURACY_BY_CATEGORY = RowQuery("accuracy_by_category", GroupAccuracy)
RUN_ACCURACY = RowQuery("run_accuracy", LagAccuracy)
