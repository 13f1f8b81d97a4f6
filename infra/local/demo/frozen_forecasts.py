"""Forecasts as the job would have made them some weeks ago: the real engine, over what was known then.

The statistical engine's, of items as a whole. What it learns of past errors it learns once, as of the first of the
days, and from every fourth week only: learning is what takes the time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import pyarrow as pa

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.classify import classify
from forecast_job.demand.panel import Demand, Panel
from forecast_job.engines import DailyForecast
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.results.result_files import RunKey
from forecast_job.results.result_rows import class_rows, forecast_rows, total_rows
from forecast_job.totals import calibration
from forecast_job.totals.calibration import Calibration, WindowTotals
from forecast_job.totals.daily_and_totals import forecast_panel
from shared.arrays import Ints
from shared.bigquery.tables import (
    ALL_LOCATIONS,
    CLASSIFICATIONS,
    FORECASTS,
    LEAD_TIME_DEMAND,
    WINDOW_DAYS,
    WINDOW_QUANTILES,
)

HORIZON_DAYS = 28
WEEKS = 8
_ORIGINS_APART = 4  # weeks; the job learns from each, which takes ten seconds
_YEAR_DAYS = 365


@dataclass(frozen=True)
class FrozenForecast:
    """The forecast of the `items` (their numbers) that had sold before `run_date`, from that day on."""

    run_date: dt.date
    panel: Panel
    items: Ints
    daily: DailyForecast
    totals: WindowTotals

    @property
    def run_id(self) -> str:
        return f"demo-{self.run_date.isoformat()}"


class FrozenForecasts:
    """Those of the last eight weeks before `today`, a week apart. `sales`: days x items, from `first_day` on."""

    def __init__(self, item_ids: Sequence[str], sales: Ints, first_day: dt.date, today: dt.date) -> None:
        self._item_ids, self._sales, self._first_day, self._today = item_ids, sales, first_day, today

    @cached_property
    def forecasts(self) -> list[FrozenForecast]:
        """Of items as a whole, the earliest first."""
        return [self._forecast(days) for days in self._run_days]

    @cached_property
    def _run_days(self) -> list[int]:
        """How many days were known on each of the days."""
        return [(self._today - dt.timedelta(7 * week) - self._first_day).days for week in range(WEEKS, 0, -1)]

    @cached_property
    def _learned(self) -> Calibration:
        before = self._panel(self._run_days[0])
        origins = calibration.origin_steps(before)[::_ORIGINS_APART]
        return calibration.fit(before, self._history(before.days), WINDOW_DAYS, WINDOW_QUANTILES, origins)

    def _forecast(self, days: int) -> FrozenForecast:
        panel = self._panel(days)
        forecast = forecast_panel(panel, self._history(days), StatisticalEngine(), self._learned, HORIZON_DAYS)
        return FrozenForecast(panel.origin, panel, self._sold_before(days), *forecast)

    def rows(self, forecasts: Sequence[FrozenForecast], client_id: str, revenue: Ints) -> dict[str, pa.Table]:
        """Their rows of each result table. `revenue`: days x items, to rank them by."""
        parts: dict[str, list[pa.Table]] = {FORECASTS.name: [], LEAD_TIME_DEMAND.name: [], CLASSIFICATIONS.name: []}
        for frozen in forecasts:
            key = RunKey(client_id, frozen.run_date, frozen.run_id)
            ranked = self._ranked(frozen, revenue)
            parts[FORECASTS.name].append(forecast_rows(key, frozen.panel, frozen.daily, StatisticalEngine().name))
            parts[LEAD_TIME_DEMAND.name].append(total_rows(key, frozen.panel, frozen.totals))
            parts[CLASSIFICATIONS.name].append(class_rows(key, classify(frozen.panel, ranked)))
        return {name: pa.concat_tables(tables).unify_dictionaries() for name, tables in parts.items()}

    @cached_property
    def _units(self) -> Demand:
        """Items x days, NaN before an item's first sale."""
        sold = self._sales.T.astype(np.float32)
        return np.where(np.maximum.accumulate(sold > 0, axis=1), sold, np.float32(np.nan))

    def _sold_before(self, days: int) -> Ints:
        """The numbers of the items that had sold by then."""
        return np.flatnonzero(~np.isnan(self._units[:, days - 1]))

    def _panel(self, days: int) -> Panel:
        sold = self._sold_before(days)
        names = tuple(self._item_ids[item] for item in sold.tolist())
        places = (ALL_LOCATIONS,) * len(sold)
        return Panel(self._first_day, names, places, self._units[sold, :days], np.arange(len(sold)))

    def _history(self, days: int) -> ClientHistory:
        return ClientHistory.of(self._first_day, self._units[:, :days])

    def _ranked(self, frozen: FrozenForecast, revenue: Ints) -> pl.DataFrame:
        days = frozen.panel.days
        sold = self._sales[:days, frozen.items] > 0
        first, last = sold.argmax(axis=0), days - 1 - sold[::-1].argmax(axis=0)
        return pl.DataFrame(
            {
                "item_id": frozen.panel.item_ids,
                "revenue": revenue[max(days - _YEAR_DAYS, 0) : days, frozen.items].sum(axis=0).astype(np.float64),
                "first_sale": [self._first_day + dt.timedelta(int(day)) for day in first],
                "last_sale": [self._first_day + dt.timedelta(int(day)) for day in last],
            }
        )
