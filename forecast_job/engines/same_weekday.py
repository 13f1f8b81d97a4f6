"""The baseline that every engine has to beat: what sold on the same weekday of the last 13 weeks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, DemandOnly

_WEEKS = 13


class SameWeekdayEngine(DemandOnly):
    """Empirical quantiles of 13 values; unknown days are left out, a series without any is forecast 0."""

    name = "same_weekday"

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        """As the protocol says; `history` is not looked at."""
        result = np.zeros((panel.series, horizon_days, len(quantiles)), dtype=np.float32)
        mean = np.zeros((panel.series, horizon_days), dtype=np.float32)
        for weekday in range(min(7, horizon_days)):
            past = np.arange(panel.days + weekday - 7, -1, -7)[:_WEEKS]
            known = panel.units[:, past]
            some = ~np.isnan(known).all(axis=1)
            if not some.any():
                continue
            result[some, weekday::7] = np.nanquantile(known[some], quantiles, axis=1).T[:, None, :]
            mean[some, weekday::7] = np.nanmean(known[some], axis=1)[:, None]
        return DailyForecast(result, mean)
