"""The operation of a requested forecast run: the job's shards advance it, and the last one ends it.

It has the id of the run. Everything here may be done twice, and changes nothing once the operation is finished.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from shared.domain.forecast_run import ForecastRun
from shared.domain.operation import Operation, OperationKind, OperationStatus, Progress
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.tenant import Tenant
from shared.tasks.metrics_refresh import RefreshRequest, await_refresh
from shared.tasks.operations import Operations
from shared.telemetry.logs import log


def is_wanted(tenant: Tenant, run: ForecastRun | None) -> bool:
    """Whether the run is still to be done: False once its operation was cancelled or has failed."""
    if run is None or not run.requested or run.published:
        return True
    return not Operations(tenant).get(run.run_id).finished


def refresh_id(run_id: str) -> str:
    """The id of the refresh that shows a run in lists: a shard that is repeated asks for the same one."""
    return f"refresh-{run_id}"


def refresh_after(run_id: str, now: dt.datetime) -> RefreshRequest:
    """The refresh that shows a run in lists."""
    return RefreshRequest("forecast-job", now, operation_id=refresh_id(run_id))


def report(tenant: Tenant, run_id: str, now: dt.datetime) -> OutboxEntry | None:
    """Bring the operation up to date with the run; a run that nobody requested has none.

    A published run that lists use has succeeded when they show it; returns the task of the refresh for that, to be
    delivered.
    """
    run, entry = ForecastRuns(tenant).get(run_id), None
    if run is None or not run.requested:
        return None

    result = {
        "run_id": run.run_id,
        "engine": run.engine,
        "requested_engine": run.requested_engine,
        "fallback_reason": run.fallback_reason and run.fallback_reason.model_dump(mode="json"),
        "items": run.items,
        "series": run.series,
    }

    def advanced(operation: Operation) -> Operation:
        running = replace(operation, status=OperationStatus.RUNNING, started_at=operation.started_at or now)
        return running.advanced("forecasting", Progress(len(run.shards_done), run.shard_count), now)

    def move(operation: Operation) -> Operation:
        if operation.finished:
            return operation
        return advanced(operation).succeeded(now, result, None) if run.published else advanced(operation)

    def await_it(operation: Operation, refresh_id: str) -> Operation:
        return advanced(operation).awaiting(refresh_id, result, None, now)

    if run.published and run.for_readers:
        entry = await_refresh(tenant, run_id, refresh_after(run_id, now), await_it)
    else:
        Operations(tenant).change(run_id, move)
    if run.published:
        ForecastRuns(tenant).unwatch(run_id)
    return entry


def fail(tenant: Tenant, run_id: str, code: str, detail: str, now: dt.datetime) -> None:
    """End the operation as failed, and log the line that the alert pages on (the same as the worker's)."""
    log("ERROR", "operation failed", operation=run_id, kind=OperationKind.FORECAST.value, code=code, detail=detail)
    Operations(tenant).change(run_id, lambda found: found if found.finished else found.failed(now, code, detail))
