"""One shard of one client's run: load, classify, forecast, calibrate, publish. Safe to repeat at any point."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from forecast_job.demand import load
from forecast_job.demand.covariates import WarehouseCovariates
from forecast_job.demand.load import BLOCK_SERIES, DemandSource
from forecast_job.engines.guarded import most_frequent_failure
from forecast_job.engines.registry import ChosenEngine
from forecast_job.progress import JobProgress
from forecast_job.results.publish import publish
from forecast_job.results.result_files import ResultFiles, RunKey
from forecast_job.run.block_forecasts import BlockForecasts
from forecast_job.run.bucket import Bucket
from forecast_job.run.cached_calibration import Learned
from forecast_job.run.checkpoints import Checkpoints, block_digest
from forecast_job.run.shard_record import phase
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.forecast_engine import FallbackReason, shard_fallback
from shared.domain.forecast_request import ForecastRequest
from shared.domain.forecast_run import ShardResult
from shared.firestore.forecast_runs import ForecastRuns
from shared.telemetry.work_record import note


@dataclass(frozen=True)
class Shard:
    """Which part of a run: the items whose hash falls on `index` of `count`."""

    index: int
    count: int

    @property
    def step(self) -> str:
        """Its name within the run."""
        return f"{self.index}-{self.count}"


@dataclass(frozen=True)
class ShardOutcome:
    """What a shard did. `published`: no shard of the run is missing any more; `fallback_reason`: why another engine
    than the requested one made it, if so."""

    items: int
    series: int
    published: bool
    repeated: bool = False
    fallback_reason: FallbackReason | None = None


class RunStoppedError(Exception):
    """The run was cancelled, or has failed, while the shard worked on it."""


@dataclass(frozen=True)
class ShardTask:
    """A shard of the run `key` that is to do what `request` says; `clock` gives the present.

    `products` are the client's; None: nobody knows yet which of its items are products.
    """

    config: Config
    runs: ForecastRuns
    key: RunKey
    shard: Shard
    request: ForecastRequest
    progress: JobProgress
    clock: Callable[[], dt.datetime]
    products: Collection[str] | None = None


def run_shard(
    task: ShardTask,
    chosen: ChosenEngine,
    goes_on: Callable[[], bool] = lambda: True,
    block_series: int = BLOCK_SERIES,
) -> ShardOutcome:
    """Forecast those of the shard's items that are requested and publish the rows, once.

    Classes and calibration are learned from all the client's products, whichever are requested. `goes_on` is asked
    before each block of up to `block_series` series and before the rows are loaded; raises RunStoppedError when it says
    no.

    A shard that is done already is not done again. One that was killed finds the blocks that it had forecast and, after
    its rows were loaded, its load jobs by their ids, so no row is there twice. Raises what BigQuery or Firestore
    raises, and Conflict for a run id that was used for another date or number of shards.
    """
    key, shard, request, progress = task.key, task.shard, task.request, task.progress
    run = task.runs.begin(
        key.run_id,
        key.run_date,
        shard.count,
        task.clock(),
        wanted=request,
        engine=chosen.engine.name,
        fallback_reason=chosen.fallback_reason,
    )
    if shard.index in run.shards_done:
        return ShardOutcome(0, 0, task.runs.complete_shard(key.run_id, shard.index, task.clock()), repeated=True)
    warehouse = Warehouse(task.config, key.client_id)
    engine = chosen.engine.with_covariates(WarehouseCovariates(warehouse, request.future))
    source = DemandSource(warehouse, key.run_date)
    with phase("load"):
        items = load.items_of_products(source.items(), task.products, request.item_ids or ())
    own_items = load.shard_items(key.client_id, load.wanted_items(items, request.item_ids), shard.index, shard.count)
    if future := source.future_records():
        progress.say("records dated on the run date or later are not used", "WARNING", records=future)
    bucket = Bucket(task.config, progress)
    checkpoints = Checkpoints(bucket, key, shard.step, progress)
    learned = Learned(bucket, key.client_id, progress)
    forecasts = BlockForecasts(source, items, engine, key, request, learned, progress)
    fetched = 0
    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        with ResultFiles(Path(folder)) as files:
            cut = load.blocks(own_items, block_series)
            for block in progress.track(cut, "forecasting", len(cut)):
                _stop_unless(goes_on, key, checkpoints)
                digest = block_digest(key, request, engine.name, block)
                rows = checkpoints.fetch(digest)
                if rows is None:
                    with phase("forecast"):
                        rows = forecasts.of(block)
                    checkpoints.keep(digest, rows)
                else:
                    fetched += 1
                files.add(rows)
        if fetched:
            progress.say(f"{fetched} of {len(cut)} blocks had been forecast before", run_id=key.run_id)
        _stop_unless(goes_on, key, checkpoints)
        with phase("publish"):
            publish(warehouse, files, f"{key.run_id}/{shard.step}", progress)
    by_engine = files.series_by_engine(request.horizon_days)
    reason = chosen.fallback_reason or shard_fallback(request.engine, by_engine, most_frequent_failure(engine))
    result = ShardResult(len(own_items), by_engine, reason)
    published = task.runs.complete_shard(key.run_id, shard.index, task.clock(), result)
    checkpoints.clear()
    return ShardOutcome(len(own_items), files.series, published, fallback_reason=reason)


def _stop_unless(goes_on: Callable[[], bool], key: RunKey, checkpoints: Checkpoints) -> None:
    if not goes_on():
        checkpoints.clear()
        note(outcome="stopped")
        raise RunStoppedError(key.run_id)
