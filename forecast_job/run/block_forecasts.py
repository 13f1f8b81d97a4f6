"""The forecasts of a client's items, a block of them at a time, as rows of the result tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand import load
from forecast_job.demand.classify import classify
from forecast_job.demand.load import DemandSource
from forecast_job.demand.panel import Panel, build_panel
from forecast_job.engines import Engine, Learns
from forecast_job.progress import JobProgress
from forecast_job.results.result_files import BlockTables, RunKey
from forecast_job.results.result_rows import backtest_rows, class_rows, forecast_rows, total_rows
from forecast_job.run.cached_calibration import Kind, Learned, learned_digest
from forecast_job.totals import calibration
from forecast_job.totals.calibration import Calibration
from forecast_job.totals.daily_and_totals import MEAN_WINDOW_DAYS, forecast_panel
from forecast_job.totals.run_backtest import backtest, backtest_days
from shared.bigquery.tables import (
    BACKTESTS,
    CLASSIFICATIONS,
    FORECASTS,
    LEAD_TIME_DEMAND,
    WINDOW_DAYS,
    WINDOW_QUANTILES,
)
from shared.domain.forecast_request import ForecastRequest


@dataclass(frozen=True)
class BlockForecasts:
    """What is learned from all the client's `items`, whichever are requested, is learned when the first block needs it
    and was not `learned` before: a shard that finds all its blocks done learns nothing."""

    source: DemandSource
    items: pl.DataFrame
    engine: Engine
    key: RunKey
    request: ForecastRequest
    learned: Learned
    progress: JobProgress

    def of(self, item_ids: Sequence[str]) -> BlockTables:
        """Everything that the run publishes of these items. Raises what BigQuery raises."""
        panel = self._sample if set(item_ids) == set(self._sample_ids) else self._read(item_ids)
        daily, totals = forecast_panel(panel, self._history, self._engine, self._calibration, self.request.horizon_days)
        tested = None
        if self.request.backtest:
            tested = backtest(
                panel, self._history, self._engine_earlier, self._calibration_earlier, self._backtest_days
            )
        return {
            FORECASTS.name: forecast_rows(self.key, panel, daily, self.engine.name),
            LEAD_TIME_DEMAND.name: total_rows(self.key, panel, totals),
            CLASSIFICATIONS.name: class_rows(self.key, classify(panel, self.items)),
            BACKTESTS.name: backtest_rows(self.key, tested, self.engine.name),
        }

    @property
    def _backtest_days(self) -> int:
        return backtest_days(self.request.horizon_days)

    @property
    def _days_earlier(self) -> int:
        return max(self._history.days - self._backtest_days, 0)

    @cached_property
    def _history(self) -> ClientHistory:
        return self.source.history()

    @cached_property
    def _sample_ids(self) -> list[str]:
        return load.sample_items(self.key.client_id, self.items)

    @cached_property
    def _sample(self) -> Panel:
        """Two years of up to 20,000 series: not read where what is learned from it was learned before."""
        return self._read(self._sample_ids)

    @cached_property
    def _engine(self) -> Engine:
        return self.engine.learn(self._sample, self._history) if isinstance(self.engine, Learns) else self.engine

    @cached_property
    def _engine_earlier(self) -> Engine:
        if not isinstance(self.engine, Learns):
            return self.engine
        days = self._days_earlier
        return self.engine.learn(self._sample.until(days), self._history.until(days))

    @cached_property
    def _calibration(self) -> Calibration:
        """From a sample of the client's items, the same for all shards."""
        return self._calibrated("calibrating on past origins", Kind(self._history.days, WINDOW_DAYS, WINDOW_QUANTILES))

    @cached_property
    def _calibration_earlier(self) -> Calibration:
        """As of the backtest's origin; only the mean of it is used."""
        return self._calibrated("calibrating the backtest", Kind(self._days_earlier, (MEAN_WINDOW_DAYS,), (0.5,)))

    def _calibrated(self, label: str, kind: Kind) -> Calibration:
        def learn() -> Calibration:
            sample, history = self._sample.until(kind.days), self._history.until(kind.days)
            steps = calibration.origin_steps(sample)
            tracked = self.progress.track(steps, label, len(steps))
            return calibration.fit(sample, history, kind.windows, kind.levels, tracked)

        return self.learned.calibration(learned_digest(self.items, self._history, kind), kind, learn)

    def _read(self, item_ids: Sequence[str]) -> Panel:
        panel, ignored = build_panel(self.source.demand(item_ids), self._history.first, self.source.run_date)
        if ignored.counts():
            self.progress.say("records were not used as they are", "WARNING", **ignored.counts())
        return panel
