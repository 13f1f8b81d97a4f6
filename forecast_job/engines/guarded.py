"""An engine that may fail on a series: another engine forecasts that series, and all others are unaffected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.covariates import CovariateSource
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, Engine, OutOfGpuMemory
from forecast_job.progress import JobProgress, in_a_line
from shared.domain.errors import Unavailable
from shared.domain.forecast_engine import FallbackCode

# What libraries raise on numbers that they cannot work with; numpy's LinAlgError is a ValueError. An engine that is
# unavailable (EngineUnavailable) is none of these, nor is BigQuery out of reach.
FAILURES = (ArithmeticError, LookupError, RuntimeError, ValueError)
# A panel on which it fails is halved until the series are found: some 30 calls for one of 20,000. After so many calls
# one after the other of which none came through it is not the series: what is left is not tried any more.
FAILED_IN_A_ROW = 200

Rows = NDArray[np.int64]


class EngineFailed(Unavailable):
    """The required engine failed on every series."""

    code = "engine_failed"


def guarded(engine: Engine, fallback: Engine, progress: JobProgress, *, required: bool = False) -> Engine:
    """`engine` with `fallback` for the series on which it fails; the fallback itself needs no other.

    With `required` an engine that fails on every series of a panel is taken to be broken, not the series: forecasting
    raises Unavailable, and the shard is tried again (a GPU may have been lost).
    """
    if engine.name == fallback.name:
        return engine
    return GuardedEngine(engine, fallback, progress, required)


class GuardedEngine:
    """See the module. Has the name of `engine`; a forecast says which of its series are by which engine.

    `failures`: on how many series it has failed, by the reason.
    """

    def __init__(
        self,
        engine: Engine,
        fallback: Engine,
        progress: JobProgress,
        required: bool,
        failures: Counter[FallbackCode] | None = None,
    ) -> None:
        self._engine, self._fallback, self._progress, self._required = engine, fallback, progress, required
        self.failures: Counter[FallbackCode] = Counter() if failures is None else failures

    @property
    def name(self) -> str:
        return self._engine.name

    def with_covariates(self, source: CovariateSource) -> Engine:
        """As the protocol says."""
        engine = self._engine.with_covariates(source)
        if engine is self._engine:
            return self
        return GuardedEngine(engine, self._fallback, self._progress, self._required, self.failures)

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        """As the protocol says. Series that the engine answers with anything but finite numbers count as failed."""
        shape = (panel.series, horizon_days)
        levels, mean = np.zeros((*shape, len(quantiles)), np.float32), np.zeros(shape, np.float32)
        engines = np.full(panel.series, self._fallback.name, dtype=object)
        failed = np.zeros(panel.series, dtype=np.bool_)
        waiting, in_a_row, example = [np.arange(panel.series)], 0, "it forecast something that is no number"
        code = FallbackCode.ENGINE_FAILED
        while waiting:
            rows = waiting.pop()
            if in_a_row >= FAILED_IN_A_ROW:
                failed[rows] = True
                continue
            try:
                made = self._engine.forecast(panel.rows(rows), horizon_days, quantiles, history)
            except FAILURES as error:
                in_a_row, example = in_a_row + 1, f"{type(error).__name__}: {error}"
                code = FallbackCode.OUT_OF_MEMORY if isinstance(error, OutOfGpuMemory) else FallbackCode.ENGINE_FAILED
                if len(rows) > 1:
                    waiting += [rows[len(rows) // 2 :], rows[: len(rows) // 2]]
                else:
                    failed[rows] = True
                continue
            in_a_row = 0
            levels[rows], mean[rows], engines[rows] = made.quantiles, made.mean, made.engines or self.name
            failed[rows] = ~(np.isfinite(made.quantiles).all(axis=(1, 2)) & np.isfinite(made.mean).all(axis=1))
        if failed.any():
            if self._required and failed.all() and panel.series > 1:
                raise EngineFailed(f"engine {self.name} failed on every series: {in_a_line(example)}")
            left = np.flatnonzero(failed)
            self.failures[code] += len(left)
            other = self._fallback.forecast(panel.rows(left), horizon_days, quantiles, history)
            levels[left], mean[left], engines[left] = other.quantiles, other.mean, self._fallback.name
            self._say(panel, left, example)
        return DailyForecast(levels, mean, tuple(engines))

    def _say(self, panel: Panel, left: Rows, example: str) -> None:
        series = f"{panel.item_ids[left[0]]!r} at {panel.location_ids[left[0]]!r}"
        self._progress.say(
            f"engine {self.name} failed on {len(left)} of {panel.series} series, {series} among them, which the "
            f"{self._fallback.name} engine forecasts instead: {in_a_line(example)}",
            "WARNING",
            engine=self.name,
            series=len(left),
        )


def most_frequent_failure(engine: Engine) -> FallbackCode | None:
    """The reason for which the engine has failed on most of the series on which it has; None: on none."""
    if not isinstance(engine, GuardedEngine) or not engine.failures:
        return None
    return engine.failures.most_common(1)[0][0]
