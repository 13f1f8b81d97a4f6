"""Starting a forecast run, launching its execution, and looking after it until it ends."""

from __future__ import annotations

import datetime as dt
from functools import cache

from functions.forecast import batches
from functions.forecast.schemas import ForecastBody
from functions.forecast.selection import catalog_if_any, future_days, selected_items
from shared.catalog.live import Catalog
from shared.config import Config
from shared.domain.forecast_batch import ITEMS_OF_ONE_SHARD
from shared.domain.forecast_request import ForecastRequest, ForecastRunNotFound
from shared.domain.forecast_run import ForecastRun
from shared.domain.operation import FINISHED, Operation, OperationStatus
from shared.firestore.driver import database
from shared.firestore.forecast_batches import ForecastBatches
from shared.firestore.forecast_runs import ForecastRuns, watched_runs
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.request_context import RequestContext
from shared.tasks import forecast_progress, worker
from shared.tasks.delivery import deliver
from shared.tasks.forecast_requests import RequestedForecast, request_forecast
from shared.tasks.forecasting import cancel_execution, execution_of, launch_forecast
from shared.tasks.operations import Operations
from shared.tasks.starting import delivered
from shared.tasks.worker import Clock, Reporter
from shared.telemetry.logs import log

_STARTS_WITHIN = dt.timedelta(days=1)


def start(context: RequestContext, body: ForecastBody) -> Operation:
    """Write the run with its request, its operation and its task; returns the operation, or an earlier attempt's.

    Raises ForecastForLists, and Invalid for what cannot be forecast.
    """
    tenant, run_id = context.tenant, context.new_id()
    catalog = catalog_if_any(tenant)
    item_ids = selected_items(tenant, catalog, body)
    run_date = context.today
    future = future_days(body, item_ids, run_date)
    engine = body.engine or _engine_of_settings(context, catalog)
    request = ForecastRequest(item_ids, body.horizon_days, engine, body.fallback, future, body.backtest)
    request.check_asked_by(context.principal)

    requested = RequestedForecast(run_id, run_date, request, context.user_id, context.now)
    return delivered(
        context.config, tenant.transact(lambda transaction: request_forecast(tenant, transaction, requested))
    )


def _engine_of_settings(context: RequestContext, catalog: Catalog | None) -> str:
    """The catalog has the settings as they are now; a read where there is none yet."""
    settings = SettingsStore(context.tenant).get().value if catalog is None else catalog.settings
    return settings.forecast_engine or context.config.forecast_engine


def launch(config: Config, tenant: Tenant, operation_id: str, clock: Clock) -> OperationStatus:
    """Start the execution of a run, once; the job itself ends the operation. Returns the operation's status.

    A launch that is killed before it could keep the execution's name is done again: both executions then work on the
    same run, each shard of which loads its rows once. One that is to be done with other clients' waits for them.
    """
    runs, operations = ForecastRuns(tenant), Operations(tenant)
    requested = runs.get(operation_id)
    if requested is not None and requested.in_batch:
        status = operations.get(operation_id).status
        if status not in FINISHED:
            batches.launch_if_ready(config, requested, clock())
        return status

    def work(_: Operation, reporter: Reporter) -> None:
        run = runs.get(operation_id)
        if run is None:
            raise ForecastRunNotFound(operation_id)
        if run.execution is not None:
            return
        reporter.step("starting the job")
        tasks = 1 if run.item_count is not None and run.item_count <= ITEMS_OF_ONE_SHARD else None
        runs.launched(operation_id, launch_forecast(config, tenant.client_id, operation_id, tasks).metadata.name)

    return worker.run(operations, operation_id, work, clock)


def watch(config: Config, now: dt.datetime) -> tuple[int, int]:
    """Start what waits to be started, and bring every run to its end whose job cannot do so any more.

    Returns (how many were out, how many of them ended).
    """
    from google.api_core.exceptions import GoogleAPICallError

    try:
        batches.launch_due(config, now)
    except GoogleAPICallError as error:
        log("WARNING", "waiting forecasts could not be started", reason=str(error))
    out, ended = watched_runs(database(config), now), 0
    executions = _Executions(config)
    for tenant, run in out:
        try:
            ended += _look_after(config, tenant, run, executions, now)
        except GoogleAPICallError as error:  # the others are to be looked after too; this one in a minute
            log("WARNING", "a forecast run could not be looked after", run=run.run_id, reason=str(error))
    return len(out), ended


class _Executions:
    """The states of executions, each asked for once: a batch has many runs."""

    def __init__(self, config: Config) -> None:
        self._batches = ForecastBatches(database(config))
        self.name_of_batch = cache(lambda batch_id: self._batches.get(batch_id).execution)
        self.state = cache(lambda name: execution_of(config, name))

    def name(self, run: ForecastRun) -> str | None:
        """The execution that works on the run; None while it has none."""
        return run.execution if run.batch_id is None else self.name_of_batch(run.batch_id)


def _look_after(config: Config, tenant: Tenant, run: ForecastRun, executions: _Executions, now: dt.datetime) -> bool:
    """True when the run has come to its end."""
    runs = ForecastRuns(tenant)
    if Operations(tenant).get(run.run_id).finished:
        # One for several clients goes on: the job asks about each of their runs.
        if run.execution is not None and not run.published:
            cancel_execution(config, run.execution)
        runs.unwatch(run.run_id)
        return True
    name = executions.name(run)
    if name is None:
        if now - run.started_at < _STARTS_WITHIN:
            return False
        forecast_progress.fail(tenant, run.run_id, "not_started", "no execution could be started within a day", now)
        runs.unwatch(run.run_id)
        return True
    execution = executions.state(name)
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
