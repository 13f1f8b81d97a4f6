"""Engines: each turns a panel into daily quantiles behind one protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.covariates import CovariateSource
from forecast_job.demand.panel import Panel
from shared.domain.errors import StockcastError
from shared.domain.forecast_engine import FallbackCode, FallbackReason


class EngineUnavailable(StockcastError):
    """The engine cannot work here: its library or its weights are missing. Trying again does not help."""

    code = "engine_unavailable"
    status, title = 422, "Engine unavailable"

    def __init__(self, why: FallbackCode, detail: str) -> None:
        super().__init__(detail)
        self.why = why

    @property
    def reason(self) -> FallbackReason:
        """Why another engine forecasts, where that is allowed."""
        return FallbackReason(code=self.why, detail=self.detail)


class OutOfGpuMemory(RuntimeError):
    """The memory does not suffice for a single series."""


@dataclass(frozen=True)
class DailyForecast:
    """`quantiles`: series x horizon days x levels, ascending in level; `mean`: series x horizon days. Units, >= 0.

    `engines`: what forecast each series; empty where that is the engine asked, for all of them.
    """

    quantiles: NDArray[np.float32]
    mean: NDArray[np.float32]
    engines: tuple[str, ...] = ()


class Engine(Protocol):
    @property
    def name(self) -> str:
        """What forecast_results.engine says."""

    def with_covariates(self, source: CovariateSource) -> Engine:
        """The same engine, seeing what `source` knows of the items' days; itself where it looks at demand alone."""

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        """The distribution of each day's demand from the panel's origin on.

        `history`: of the client as a whole up to the same origin, which tells closed days ahead, weekdays and season.
        """


class DemandOnly:
    """An engine to which covariates tell nothing."""

    def with_covariates(self, source: CovariateSource) -> Self:
        return self


@runtime_checkable
class Learns(Protocol):
    """An engine that learns from the past of many series before it forecasts some."""

    def learn(self, panel: Panel, history: ClientHistory) -> Engine:
        """The same engine, knowing what the panel's days say."""
