"""The job's command line: one task of a Cloud Run execution, or a run by hand.

    python -m forecast_job                                  every active client, today
    python -m forecast_job --client demo --run-id trial-1   one client
    python -m forecast_job --batch batch-1                  the requested runs of several clients

Cloud Run says which task this is by CLOUD_RUN_TASK_INDEX and CLOUD_RUN_TASK_COUNT, and which run by
CLOUD_RUN_EXECUTION: all its tasks, and every retry of a task, have the same run id. A run requested over HTTP is
found by its --run-id: items, horizon, engine and date are then those of the request. The runs of a --batch are dealt
out to the tasks; each is one that was requested.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from forecast_job.engines.registry import engine_for
from forecast_job.progress import JobProgress, first_line
from forecast_job.results.result_files import RunKey
from forecast_job.run.shard import RunStoppedError, Shard, ShardTask, run_shard
from forecast_job.run.shard_record import shard_recorded
from shared.catalog.live import product_ids
from shared.config import Config, ConfigurationError, config
from shared.domain.access.client import Client
from shared.domain.errors import Conflict, Invalid, StockcastError, Unavailable
from shared.domain.forecast_batch import BatchRun
from shared.domain.forecast_engine import ENGINES, STATISTICAL, FallbackCode, FallbackReason
from shared.domain.forecast_request import (
    DEFAULT_HORIZON_DAYS,
    MAX_HORIZON_DAYS,
    ForecastRequest,
    ForecastRunNotFound,
    ShardNotFound,
)
from shared.domain.forecast_run import ForecastRun
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.forecast_batches import ForecastBatches
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.tasks import forecast_progress
from shared.tasks.delivery import deliver
from shared.tasks.starting import start_metrics_refresh
from shared.telemetry.spans import begin_trace
from shared.telemetry.trace import TRACEPARENT, trace_of_traceparent
from shared.telemetry.work_record import note

_WORTH_ANOTHER_TRY = (Conflict, Unavailable)
_Piece = tuple[str, Callable[[], None]]  # a client's part of the work


class RunIdMissing(Invalid):
    """Several tasks need one run id."""

    code = "run_id_missing"


def main(arguments: Sequence[str] | None = None, env: Mapping[str, str] = os.environ) -> int:
    """Run the job; returns the exit status: 0 when every client's shard is published."""
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    options = _parser().parse_args(arguments)
    begin_trace(trace_of_traceparent(env.get(TRACEPARENT.upper())))
    progress = JobProgress()
    failed: list[str] = []
    expected = (StockcastError, ConfigurationError, GoogleAPIError, GoogleAuthError, RequestException)
    try:
        job = _Job(config(), _shard(env), env.get("CLOUD_RUN_EXECUTION"), options, progress)
        pieces = _of_batch(job, int(env.get("CLOUD_RUN_TASK_ATTEMPT", "0"))) if options.batch else _of_clients(job)
    except expected as error:
        progress.say(f"the forecast job cannot start: {first_line(error)}", "ERROR")
        return 1
    for client_id, work in pieces:
        try:
            work()
        except expected as error:
            failed.append(client_id)
            progress.say(f"the forecast of {client_id} failed: {first_line(error)}", "ERROR", client_id=client_id)
    if failed:
        progress.say(
            f"failed for {', '.join(failed)}: mend the cause and start the run again with its id; what is done stays",
            "ERROR",
        )
    return 1 if failed else 0


@dataclass(frozen=True)
class _Job:
    """One start of the job: its `options` on the command line, its part of the work, the Cloud Run execution if any."""

    config: Config
    shard: Shard
    execution: str | None
    options: argparse.Namespace
    progress: JobProgress

    def run_id(self, run_date: dt.date, now: dt.datetime) -> str:
        """As given, else the execution's, else made from date and time. Raises Invalid where tasks would differ."""
        if given_id := self.options.run_id or self.execution:
            return str(given_id)
        if self.shard.count > 1:
            raise RunIdMissing("several tasks need one --run-id (Cloud Run sets CLOUD_RUN_EXECUTION)")
        return f"{run_date.isoformat()}-{now:%Y%m%dT%H%M%S}"


def _of_clients(job: _Job) -> list[_Piece]:
    """The clients that were named, or every active one."""
    registered, named = Clients(database(job.config)), job.options.client
    clients = [registered.get(client_id) for client_id in named] if named else registered.active()
    if not clients:
        job.progress.say("no active client: nothing to forecast")
    return [(client.client_id, partial(_forecast, job, client)) for client in clients]


def _of_batch(job: _Job, attempt: int) -> list[_Piece]:
    """This task's part of a batch."""
    batch = ForecastBatches(database(job.config)).get(job.options.batch)
    if job.shard.count != batch.tasks:
        raise ShardNotFound(f"batch {batch.id} is for {batch.tasks} tasks, not for {job.shard.count}")
    return [
        (
            each.run.client_id,
            partial(_requested_shard, replace(job, shard=Shard(each.index, each.run.shards)), each.run),
        )
        for each in batch.shards_of(job.shard.index, attempt)
    ]


def _requested_shard(job: _Job, wanted: BatchRun) -> None:
    tenant = Tenant(database(job.config), wanted.client_id)
    run = ForecastRuns(tenant).get(wanted.run_id)
    if run is None:
        raise ForecastRunNotFound(wanted.run_id)
    _requested(job, tenant, run)


def _forecast(job: _Job, client: Client) -> None:
    now, options = dt.datetime.now(dt.UTC), job.options
    tenant = Tenant(database(job.config), client.client_id)
    run_date = options.run_date or client.today(now)
    run_id = job.run_id(run_date, now)
    run = ForecastRuns(tenant).get(run_id)
    if run is not None and run.requested:
        _requested(job, tenant, run)
        return
    engine = options.engine or SettingsStore(tenant).get().value.forecast_engine or job.config.forecast_engine
    request = ForecastRequest(None, options.horizon, engine, options.fallback, backtest=options.backtest)
    _publish(job, tenant, RunKey(client.client_id, run_date, run_id), request)


def _requested(job: _Job, tenant: Tenant, run: ForecastRun) -> None:
    """A shard of a run that was asked for: as it was asked for, with its operation kept up to date."""
    client_id, run_id, progress = tenant.client_id, run.run_id, job.progress
    if not forecast_progress.is_wanted(tenant, run):
        progress.say(f"{client_id}: run {run_id} was cancelled or has failed: nothing is done", run_id=run_id)
        return
    try:
        request = ForecastRuns(tenant).request_of(run)
        key = RunKey(client_id, run.run_date, run_id)
        _publish(job, tenant, key, request, lambda: forecast_progress.is_wanted(tenant, run))
    except RunStoppedError:
        progress.say(f"{client_id}: run {run_id} was stopped: nothing of this shard is loaded", run_id=run_id)
        return
    except StockcastError as error:
        if not isinstance(error, _WORTH_ANOTHER_TRY):
            forecast_progress.fail(tenant, run_id, error.code, error.detail, dt.datetime.now(dt.UTC))
        raise
    deliver(job.config, forecast_progress.report(tenant, run_id, dt.datetime.now(dt.UTC)))


def _publish(
    job: _Job,
    tenant: Tenant,
    key: RunKey,
    request: ForecastRequest,
    goes_on: Callable[[], bool] = lambda: True,
) -> None:
    shard, progress, began = job.shard, job.progress, time.perf_counter()
    chosen = engine_for(request.engine, client_id=key.client_id, fallback=request.fallback, progress=progress)
    if chosen.fallback_reason is not None:
        _say_fallback(progress, key, request, chosen.fallback_reason)
    runs = ForecastRuns(tenant)
    products = product_ids(tenant)
    task = ShardTask(job.config, runs, key, shard, request, progress, lambda: dt.datetime.now(dt.UTC), products)
    with shard_recorded(progress, client_id=key.client_id, run_id=key.run_id, shard=shard.index, shards=shard.count):
        outcome = run_shard(task, chosen, goes_on)
        note(engine=chosen.engine.name, items=outcome.items, series=outcome.series, repeated=outcome.repeated)
    if outcome.fallback_reason is not None and chosen.fallback_reason is None:
        _say_fallback(progress, key, request, outcome.fallback_reason)
    seconds = round(time.perf_counter() - began)
    if outcome.published and request.for_readers:
        refresh = forecast_progress.refresh_after(key.run_id, dt.datetime.now(dt.UTC))
        start_metrics_refresh(job.config, tenant, refresh)
    done = "was done before" if outcome.repeated else f"{outcome.items} items, {outcome.series} series in {seconds} s"
    if not outcome.published:
        following = f"waits for its other shards ({shard.count} in all)"
    elif request.for_readers:
        following = "published; the metrics follow when their refresh has ended"
    else:
        following = "published, to be read by its id: only a run of every item and the usual horizon becomes the latest"
    progress.say(
        f"{key.client_id}: run {key.run_id}, shard {shard.index + 1} of {shard.count}: {done}; {following}",
        client_id=key.client_id,
        run_id=key.run_id,
    )


def _say_fallback(progress: JobProgress, key: RunKey, request: ForecastRequest, reason: FallbackReason) -> None:
    """The line that the metric of fallbacks counts (infra/terraform/metrics.json), one a shard."""
    unknown_weights = reason.code is FallbackCode.WEIGHTS_INVALID
    progress.say(
        "forecast fallback",
        "ERROR" if unknown_weights else "WARNING",
        client_id=key.client_id,
        run_id=key.run_id,
        requested_engine=request.engine,
        engine=STATISTICAL,
        reason=reason.code.value,
        detail=reason.detail,
    )


def _shard(env: Mapping[str, str]) -> Shard:
    try:
        index, count = int(env.get("CLOUD_RUN_TASK_INDEX", "0")), int(env.get("CLOUD_RUN_TASK_COUNT", "1"))
    except ValueError:
        index, count = -1, 0
    if not 0 <= index < count:
        values = ", ".join(
            f"{name}={env[name]!r}" for name in ("CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT") if name in env
        )
        raise ShardNotFound(f"the task index must be 0 to task count - 1, both integers; given {values}")
    return Shard(index, count)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m forecast_job", description="Forecast demand and publish the result."
    )
    parser.add_argument(
        "--client",
        action="append",
        metavar="ID",
        help="forecast this client; may be repeated (default: all active ones)",
    )
    parser.add_argument("--batch", metavar="ID", help="work on a batch of requested runs; alone")
    parser.add_argument("--run-id", help="default: the Cloud Run execution, else made from date and time")
    parser.add_argument(
        "--run-date", type=dt.date.fromisoformat, help="first day to forecast (default: the client's today)"
    )
    parser.add_argument(
        "--horizon",
        type=_horizon,
        default=DEFAULT_HORIZON_DAYS,
        help=f"days (default {DEFAULT_HORIZON_DAYS}; another one is not published to lists and metrics)",
    )
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        help="(default: the client's setting forecast_engine, else STOCKCAST_FORECAST_ENGINE)",
    )
    parser.add_argument(
        "--no-fallback", dest="fallback", action="store_false", help="fail where the engine is unavailable"
    )
    parser.add_argument(
        "--backtest", action="store_true", help="also forecast the last four weeks as of then, to be compared"
    )
    return parser


def _horizon(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_HORIZON_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to {MAX_HORIZON_DAYS}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
