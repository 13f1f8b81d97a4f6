"""One execution of the job for all clients whose run is at its forecast: taken together, and started.

A run that is ready waits while some other client's run is still before its forecast, but no longer than
`Config.forecast_wait_s`: a slow client is done without the others then.
"""

from __future__ import annotations

import datetime as dt
import uuid

from shared.config import Config
from shared.domain.forecast_batch import ForecastBatch, planned_batch
from shared.domain.forecast_run import ForecastRun
from shared.firestore.current_runs import any_before_forecast
from shared.firestore.driver import database
from shared.firestore.forecast_batches import ForecastBatches
from shared.firestore.forecast_runs import ForecastRuns, latest_item_counts, longest_waiting, waiting_runs
from shared.firestore.transaction import Transaction, transact
from shared.tasks.forecasting import launch_batch
from shared.telemetry.logs import log

# A batch whose launcher is at work is younger than this; an older one has lost it.
_LAUNCHED_WITHIN = dt.timedelta(minutes=1)


def launch_if_ready(config: Config, run: ForecastRun, now: dt.datetime) -> None:
    """Start the batch of the run, or one with all that wait unless another client is expected; else it waits on.

    Safe to repeat: a run is in one batch, and each of its shards loads its rows once in however many executions.
    """
    batches = ForecastBatches(database(config))
    if run.batch_id is not None:
        batch = batches.get(run.batch_id)
        if batch.execution is None:
            _launch(config, batch)
    elif _is_time(config, run.waiting_since, now):
        launch_waiting(config, now)


def launch_due(config: Config, now: dt.datetime) -> int:
    """For every minute's look: start what has waited long enough, and what was taken and not started; returns how many
    executions that were."""
    lost = ForecastBatches(database(config)).not_launched(now - _LAUNCHED_WITHIN)
    for batch in lost:
        _launch(config, batch)
    if not _is_time(config, longest_waiting(database(config)), now):
        return len(lost)
    return len(lost) + (launch_waiting(config, now) is not None)


def launch_waiting(config: Config, now: dt.datetime) -> ForecastBatch | None:
    """Take every run that waits into one batch, at once, and start it; None where none waits any more."""
    client, batch_id = database(config), f"batch-{uuid.uuid4().hex}"

    def write(transaction: Transaction) -> ForecastBatch | None:
        waiting = waiting_runs(client, transaction)
        if not waiting:
            return None
        counts = latest_item_counts(client, (tenant for tenant, _ in waiting))
        sizes = ((tenant.client_id, run.run_id, counts.get(tenant.client_id)) for tenant, run in waiting)
        batch = planned_batch(batch_id, sizes, now)
        for tenant, run in waiting:
            ForecastRuns(tenant).join(transaction, run.run_id, batch_id)
        ForecastBatches(client).create(transaction, batch)
        return batch

    batch = transact(client, write, queue="forecast_batches")
    if batch is not None:
        _launch(config, batch)
    return batch


def _is_time(config: Config, waiting_since: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether what has waited since then is to be started: nobody else is expected, or it has waited long enough."""
    if waiting_since is None:
        return False
    return now - waiting_since >= dt.timedelta(seconds=config.forecast_wait_s) or not any_before_forecast(
        database(config)
    )


def _launch(config: Config, batch: ForecastBatch) -> None:
    execution = launch_batch(config, batch)
    ForecastBatches(database(config)).launched(batch.id, execution)
    log("INFO", "batch of forecasts started", batch=batch.id, clients=len(batch.runs), tasks=batch.tasks)
