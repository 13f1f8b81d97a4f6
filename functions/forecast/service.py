"""Starting a forecast run, launching its execution, and looking after it until it ends."""

from __future__ import annotations

import datetime as dt

from functions.forecast.schemas import ForecastBody
from functions.forecast.selection import future_days, selected_items
from shared.config import Config
from shared.domain.forecast_request import ForecastRequest, ForecastRunNotFound
from shared.domain.forecast_run import ForecastRun
from shared.domain.operation import Operation, OperationStatus
from shared.firestore.driver import database
from shared.firestore.forecast_runs import ForecastRuns, watched_runs
from shared.firestore.tenant import Tenant
from shared.logs import log
from shared.request_context import RequestContext
from shared.tasks import forecast_progress, worker
from shared.tasks.delivery import deliver
from shared.tasks.forecast_requests import RequestedForecast, request_forecast
from shared.tasks.forecasting import cancel_execution, execution_of, launch_forecast
from shared.tasks.operations import Operations
from shared.tasks.starting import delivered
from shared.tasks.worker import Clock, Reporter

# Each shard learns the calibration afresh, so a few items are quickest in one.
_ITEMS_OF_ONE_TASK = 5_000
_STARTS_WITHIN = dt.timedelta(days=1)


def start(context: RequestContext, body: ForecastBody) -> Operation:
    """Write the run with its request, its operation and its task; returns the operation, or an earlier attempt's.

    Raises ForecastForLists, and Invalid for what cannot be forecast.
    """
    tenant, run_id = context.tenant, context.new_id()
    item_ids = selected_items(tenant, body)
    run_date = context.today
    future = future_days(body, item_ids, run_date)
    request = ForecastRequest(item_ids, body.horizon_days, body.engine, body.fallback, future, body.backtest)
    request.check_asked_by(context.principal)

    requested = RequestedForecast(run_id, run_date, request, context.user_id, context.now)
    return delivered(
        context.config, tenant.transact(lambda transaction: request_forecast(tenant, transaction, requested))
    )


def launch(config: Config, tenant: Tenant, operation_id: str, clock: Clock) -> OperationStatus:
    """Start the execution of a run, once; the job itself ends the operation. Returns the operation's status.

    A launch that is killed before it could keep the execution's name is done again: both executions then work on the
    same run, each shard of which loads its rows once.
    """
    runs = ForecastRuns(tenant)

    def work(_: Operation, reporter: Reporter) -> None:
        run = runs.get(operation_id)
        if run is None:
            raise ForecastRunNotFound(operation_id)
        if run.execution is not None:
            return
        reporter.step("starting the job")
        tasks = 1 if run.item_count is not None and run.item_count <= _ITEMS_OF_ONE_TASK else None
        runs.launched(operation_id, launch_forecast(config, tenant.client_id, operation_id, tasks).metadata.name)

    return worker.run(Operations(tenant), operation_id, work, clock)


def watch(config: Config, now: dt.datetime) -> tuple[int, int]:
    """Bring every run to its end whose job cannot do so any more; (how many were out, how many of them ended)."""
    from google.api_core.exceptions import GoogleAPICallError

    out, ended = watched_runs(database(config), now), 0
    for tenant, run in out:
        try:
            ended += _look_after(config, tenant, run, now)
        except GoogleAPICallError as error:  # the others are to be looked after too; this one in a minute
            log("WARNING", "a forecast run could not be looked after", run=run.run_id, reason=str(error))
    return len(out), ended


def _look_after(config: Config, tenant: Tenant, run: ForecastRun, now: dt.datetime) -> bool:
    """True when the run has come to its end."""
    runs = ForecastRuns(tenant)
    if Operations(tenant).get(run.run_id).finished:
        if run.execution is not None and not run.published:
            cancel_execution(config, run.execution)
        runs.unwatch(run.run_id)
        return True
    if run.execution is None:
        if now - run.started_at < _STARTS_WITHIN:
            return False
        forecast_progress.fail(tenant, run.run_id, "not_started", "no execution could be started within a day", now)
        runs.unwatch(run.run_id)
        return True
    execution = execution_of(config, run.execution)
    if not execution.finished:
        return False
    current = runs.get(run.run_id)  # it may have been published meanwhile
    if current is not None and current.published:
        deliver(config, forecast_progress.report(tenant, run.run_id, now))
        return True
    why = execution.failure or "the execution ended without publishing the run"
    forecast_progress.fail(tenant, run.run_id, "execution_failed", why, now)
    runs.unwatch(run.run_id)
    return True
