"""The backtest that comes with a run: the same forecast made as of four weeks ago, beside what sold since."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Demand, Panel
from forecast_job.engines import DailyForecast, Engine
from forecast_job.totals.calibration import Calibration
from forecast_job.totals.daily_and_totals import forecast_panel
from shared.arrays import Floats

MOST_DAYS = 28
LEAST_KNOWN_DAYS = 14  # before the origin: two of each weekday
_WEEK = 7


@dataclass(frozen=True)
class Backtested:
    """`forecast` from the origin of `panel` (item totals) on; `units`, what sold, and `naive`, what sold on the same
    weekday of the week before the origin: series x days, NaN where demand is not known."""

    panel: Panel
    forecast: DailyForecast
    units: Demand
    naive: Demand

    @property
    def days_since_sale(self) -> Floats:
        """As of the origin, by series: a sale on the day before was 1 day ago; NaN where none is known."""
        sold = self.panel.units > 0  # NaN, not known, is not
        since = 1 + np.argmax(sold[:, ::-1], axis=1)
        return np.where(sold.any(axis=1), since, np.nan)


def backtest_days(horizon_days: int) -> int:
    """How long before a run its backtest begins: as far as the run looks ahead, at most four weeks."""
    return min(horizon_days, MOST_DAYS)


def backtest(
    panel: Panel, history: ClientHistory, engine: Engine, learned: Calibration, days: int
) -> Backtested | None:
    """Forecast the panel's items as a whole from `days` before its end, with what was known then.

    `learned`: the calibration as of the same origin. Items known for less than two weeks before it are left out; None
    when there are no others.
    """
    origin = panel.days - days
    if origin < LEAST_KNOWN_DAYS:
        return None
    totals = panel.totals()
    rows = totals[_known_days(panel.units[totals, :origin]) >= LEAST_KNOWN_DAYS]
    if not len(rows):
        return None
    then = panel.rows(rows).until(origin)
    forecast, _ = forecast_panel(then, history.until(origin), engine, learned, days)
    same_weekday = origin - _WEEK + np.arange(days) % _WEEK
    return Backtested(then, forecast, panel.units[rows, origin:], panel.units[np.ix_(rows, same_weekday)])


def _known_days(units: Demand) -> NDArray[np.int64]:
    return (~np.isnan(units)).sum(axis=1)
