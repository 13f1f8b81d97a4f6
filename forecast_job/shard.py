"""One shard of one client's run: load, classify, forecast, calibrate, publish. Safe to repeat at any point."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forecast_job import calibration, level, load
from forecast_job.calibration import Calibration, WindowTotals
from forecast_job.classify import classify
from forecast_job.covariates import WarehouseCovariates
from forecast_job.engines import DailyForecast, Engine, TakesCovariates
from forecast_job.load import DemandSource
from forecast_job.panel import Panel, build_panel
from forecast_job.progress import Progress
from forecast_job.publish import publish
from forecast_job.results import ResultFiles, RunKey
from forecast_job.shop import Shop
from shared.bigquery.tables import DAILY_QUANTILES, WINDOW_DAYS, WINDOW_QUANTILES
from shared.bigquery.warehouse import Warehouse
from shared.domain.forecast_request import ForecastRequest
from shared.firestore.forecast_runs import ForecastRuns

_MEAN_WINDOW_DAYS = 28
_MEAN_CORRECTION = (0.5, 2.0)


@dataclass(frozen=True)
class Shard:
    """Which part of a run: the items whose hash falls on `index` of `count`."""

    index: int
    count: int


@dataclass(frozen=True)
class Outcome:
    """What a shard did. `published`: no shard of the run is missing any more."""

    items: int
    series: int
    published: bool
    repeated: bool = False


class RunStoppedError(Exception):
    """The run was cancelled, or has failed, while the shard worked on it."""


def run_shard(
    warehouse: Warehouse,
    runs: ForecastRuns,
    engine: Engine,
    key: RunKey,
    shard: Shard,
    wanted: ForecastRequest,
    progress: Progress,
    clock: Callable[[], dt.datetime],
    goes_on: Callable[[], bool] = lambda: True,
) -> Outcome:
    """Forecast those of the shard's items that are wanted and publish the rows, once.

    Classes and calibration are learned from all the client's items, whichever are wanted. `goes_on` is asked before the
    rows are loaded; raises RunStoppedError when it says no.

    A shard that is done already is not done again. One that was killed after its rows were loaded finds its load jobs
    by their ids, so no row is there twice. Raises what BigQuery or Firestore raises, and Conflict for a run id that was
    used for another date or number of shards.
    """
    run = runs.begin(key.run_id, key.run_date, shard.count, clock(), wanted=wanted, engine=engine.name)
    if shard.index in run.shards_done:
        return Outcome(0, 0, runs.complete_shard(key.run_id, shard.index, clock()), repeated=True)
    if isinstance(engine, TakesCovariates):
        engine = engine.with_covariates(WarehouseCovariates(warehouse, wanted.future))
    source = DemandSource(warehouse, key.run_date)
    items = source.items()
    mine = load.shard_items(key.client_id, load.wanted_items(items, wanted.item_ids), shard.index, shard.count)
    if future := source.future_records():
        progress.say("records dated on the run date or later are not used", "WARNING", records=future)
    series = 0
    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        with ResultFiles(Path(folder), key) as files:
            if len(mine):
                shop = source.shop()
                sample = _read(source, load.sample_items(key.client_id, items), shop, progress)
                learned = _learn(sample, shop, progress)
                cut = load.blocks(mine)
                for block in progress.track(cut, "forecasting", len(cut)):
                    panel = sample if sample.holds(block) else _read(source, block, shop, progress)
                    forecast, totals = forecast_panel(panel, shop, engine, learned, wanted.horizon_days)
                    files.add(panel, forecast, totals, engine.name, classify(panel, items))
                    series += panel.series
        if not goes_on():
            raise RunStoppedError(key.run_id)
        publish(warehouse, files, f"{key.run_id}/{shard.index}-{shard.count}", progress)
    published = runs.complete_shard(key.run_id, shard.index, clock(), items=len(mine), series=series)
    return Outcome(len(mine), series, published)


def forecast_panel(
    panel: Panel, shop: Shop, engine: Engine, learned: Calibration, horizon_days: int
) -> tuple[DailyForecast, WindowTotals]:
    """Daily forecast and window totals of every series of the panel, copies computed once.

    The daily means are those of the engine, corrected to the calibrated mean of the next 28 days: what past errors say
    about its bias goes for both.
    """
    rows = panel.distinct()
    distinct = panel.rows(rows)
    daily = engine.forecast(distinct, horizon_days, DAILY_QUANTILES, shop)
    reach = max(horizon_days, *WINDOW_DAYS)
    totals = learned.totals(level.expect(distinct.units, shop, reach, shop.season(reach)))
    days = min(horizon_days, _MEAN_WINDOW_DAYS)
    calibrated = totals.mean[:, WINDOW_DAYS.index(_MEAN_WINDOW_DAYS)] * days / _MEAN_WINDOW_DAYS
    raw = daily.mean[:, :days].sum(axis=1)
    factor = np.divide(calibrated, raw, out=np.ones_like(raw), where=raw > 0).clip(*_MEAN_CORRECTION)
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


def _learn(sample: Panel, shop: Shop, progress: Progress) -> Calibration:
    """The calibration from a sample of the client's items, the same for all shards."""
    steps = calibration.origin_steps(sample)
    tracked = progress.track(steps, "calibrating on past origins", len(steps))
    return calibration.fit(sample, shop, WINDOW_DAYS, WINDOW_QUANTILES, tracked)


def _read(source: DemandSource, item_ids: Sequence[str], shop: Shop, progress: Progress) -> Panel:
    panel, ignored = build_panel(source.demand(item_ids), shop.first, source.run_date)
    if ignored.counts():
        progress.say("records were not used as they are", "WARNING", **ignored.counts())
    return panel
