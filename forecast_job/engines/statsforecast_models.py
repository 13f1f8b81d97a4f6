"""Nixtla's statsforecast behind our protocol: the field's reference models, a fit per series.

Slow beside the statistical engine (a tenth of a second a series and core, in which that forecasts a hundred), and
further from what then sells on intermittent demand: their intervals are symmetric, retail's days are not. They are here
to be compared with, and for shops whose demand they fit. Extra `statsforecast`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, DemandOnly, Engine

_WEEK = 7
_LEAST_KNOWN_DAYS = 28
_MODEL = "model"
_SERIES_WORTH_PROCESSES = 50


@dataclass(frozen=True)
class StatsForecastEngine(DemandOnly):
    """A model of statsforecast; `make` returns one that is not fitted yet, under the alias it is given.

    Series with fewer than 28 known days, or without a sale, are the `fallback` engine's. Days without known demand
    count with the mean of their weekday: the models know no gaps.
    """

    name: str
    make: Callable[[str], Any]
    fallback: Engine
    processes: int = field(default_factory=lambda: os.cpu_count() or 1)

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        """As the protocol says, from the panel alone: the models know nothing of `history`. Below zero is zero.

        Raises what the model raises on a series that it cannot be fitted to; engines/guarded isolates that series.
        """
        known = ~np.isnan(panel.units)
        fits = (known.sum(axis=1) >= _LEAST_KNOWN_DAYS) & (np.nan_to_num(panel.units) > 0).any(axis=1)
        shape = (panel.series, horizon_days)
        levels, mean = np.zeros((*shape, len(quantiles)), np.float32), np.zeros(shape, np.float32)
        engines = np.where(fits, self.name, self.fallback.name)
        if fits.any():
            rows = np.flatnonzero(fits)
            levels[rows], mean[rows] = self._fitted(panel.units[rows], horizon_days, quantiles)
        if not fits.all():
            rows = np.flatnonzero(~fits)
            other = self.fallback.forecast(panel.rows(rows), horizon_days, quantiles, history)
            levels[rows], mean[rows] = other.quantiles, other.mean
        return DailyForecast(levels, mean, tuple(engines.tolist()))

    def _fitted(
        self, units: NDArray[np.float32], horizon_days: int, quantiles: Sequence[float]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        from statsforecast import StatsForecast

        # Central intervals, in whole percent: the 0.05 quantile is the lower end of the one of 90 %.
        widths = [round(abs(1 - 2 * level) * 100) for level in quantiles]
        processes = self.processes if len(units) > _SERIES_WORTH_PROCESSES else 1
        made = (
            StatsForecast([self.make(_MODEL)], freq=1, n_jobs=processes)
            .forecast(df=_long(units), h=horizon_days, level=sorted({width for width in widths if width}))
            .sort("unique_id", "ds")
        )

        def column(name: str) -> NDArray[np.float32]:
            return made[name].to_numpy().astype(np.float32).reshape(len(units), horizon_days)

        sides = ["lo" if level < 0.5 else "hi" for level in quantiles]
        names = [f"{_MODEL}-{side}-{width}" if width else _MODEL for side, width in zip(sides, widths, strict=True)]
        levels = np.maximum(np.stack([column(name) for name in names], axis=2), 0)
        return np.maximum.accumulate(levels, axis=2), np.maximum(column(_MODEL), 0)


def auto_ets(alias: str) -> Any:
    """Exponential smoothing with a weekly season, its form chosen per series (Hyndman et al. 2008)."""
    from statsforecast.models import AutoETS

    return AutoETS(season_length=_WEEK, alias=alias)


def auto_theta(alias: str) -> Any:
    """The theta method, its variant chosen per series (Fiorucci et al. 2016)."""
    from statsforecast.models import AutoTheta

    return AutoTheta(season_length=_WEEK, alias=alias)


def _long(units: NDArray[np.float32]) -> pl.DataFrame:
    """A row a series and day from its first known day on, as statsforecast reads them."""
    series, days = units.shape
    known = ~np.isnan(units)
    weekday = np.arange(days) % _WEEK
    filled = np.nan_to_num(units).astype(np.float64)
    for day_of_week in range(min(_WEEK, days)):
        of_weekday = weekday == day_of_week
        total, count = filled[:, of_weekday].sum(axis=1), known[:, of_weekday].sum(axis=1)
        usual = np.divide(total, count, out=np.zeros(series), where=count > 0)
        filled[:, of_weekday] = np.where(known[:, of_weekday], filled[:, of_weekday], usual[:, None])
    row, day = np.nonzero(np.maximum.accumulate(known, axis=1))
    return pl.DataFrame({"unique_id": row, "ds": day, "y": filled[row, day]})
