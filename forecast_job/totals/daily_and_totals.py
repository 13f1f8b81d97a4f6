"""A panel's daily forecast and its window totals, made to agree."""

from __future__ import annotations

import numpy as np

from forecast_job.client_history import level
from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, Engine
from forecast_job.totals.calibration import Calibration, WindowTotals
from forecast_job.totals.own_past import with_own_past
from shared.bigquery.tables import DAILY_QUANTILES

MEAN_WINDOW_DAYS = 28


def forecast_panel(
    panel: Panel, history: ClientHistory, engine: Engine, learned: Calibration, horizon_days: int
) -> tuple[DailyForecast, WindowTotals]:
    """Daily forecast and window totals of every series of the panel, copies computed once.

    The daily means are those of the engine, corrected to the calibrated mean of the next 28 days (one of the windows of
    `learned`): the bias of past errors is corrected in both.
    """
    rows = panel.distinct()
    distinct = panel.rows(rows)
    daily = engine.forecast(distinct, horizon_days, DAILY_QUANTILES, history)
    reach = max(horizon_days, *learned.windows)
    pooled = learned.totals(level.expect(distinct.units, history, reach, history.season(reach)))
    totals = with_own_past(pooled, distinct.units, history.day_shares(), learned.windows, learned.levels)
    days = min(horizon_days, MEAN_WINDOW_DAYS)
    calibrated = totals.mean[:, learned.windows.index(MEAN_WINDOW_DAYS)] * days / MEAN_WINDOW_DAYS
    raw = daily.mean[:, :days].sum(axis=1)
    factor = np.divide(calibrated, raw, out=np.ones_like(raw), where=raw > 0)
    place = np.full(panel.series, -1)
    place[rows] = np.arange(len(rows))
    chosen = place[panel.same_as]
    return (
        DailyForecast(
            daily.quantiles[chosen],
            (daily.mean * factor[:, None])[chosen],
            tuple(daily.engines[row] for row in chosen) if daily.engines else (),
        ),
        WindowTotals(totals.quantiles[chosen], totals.mean[chosen]),
    )
