"""How each step of a run is started: by an operation of its own, in the transaction that moves the run on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from functions.etl.syncing import SyncRequest, sync_request
from functions.etl.validation import validation_request
from shared.domain.forecast_request import ForecastRequest
from shared.domain.operation import Operation, OperationKind, OperationRequest, OperationStatus, RunStep, StepName
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.imports.import_options import ImportKind
from shared.tasks.forecast_requests import RequestedForecast, request_forecast
from shared.tasks.operations import Operations

Started = tuple[Operation, OutboxEntry | None]


@dataclass(frozen=True)
class StepStart:
    """A step that is to begin: of which run, under which id for its operation, when, and in which transaction."""

    tenant: Tenant
    transaction: Transaction
    run: Operation
    step: RunStep
    operation_id: str
    now: dt.datetime


def start_step(start: StepStart) -> Started:
    """Write the step's operation and its task; one that had been started, or that does the same work, as it is."""
    return _STARTERS.get(start.step.name, _sync)(start)


def _sync(start: StepStart) -> Started:
    """From the source's watermark on."""
    if start.step.source_id is None:
        raise ValueError(f"step {start.step.name} has no source")
    sync = SyncRequest(ImportKind(start.step.name.value), start.step.source_id)
    request = sync_request(sync, start.run.created_by, start.now, start.operation_id)
    return Operations(start.tenant).start(replace(request, parent=start.run.id), transaction=start.transaction)


def _validate(start: StepStart) -> Started:
    request = validation_request(start.run.created_by, start.now, start.operation_id, start.run.id)
    return Operations(start.tenant).start(request, transaction=start.transaction)


def _forecast(start: StepStart) -> Started:
    """Of every item and for lists, from the run's own day on: at midnight the sales that were read end there still."""
    requested = RequestedForecast(
        start.operation_id,
        dt.date.fromisoformat(start.run.parameters["date"]),
        ForecastRequest(),
        start.run.created_by,
        start.now,
        start.run.id,
        in_batch=True,
    )
    return request_forecast(start.tenant, start.transaction, requested)


def _refresh(start: StepStart) -> Started:
    """The one that showed the forecast in lists; another one where there was none."""
    operations = Operations(start.tenant)
    forecast = next((step for step in start.run.steps if step.name is StepName.FORECAST), None)
    if forecast is not None and forecast.operation_id is not None:
        shown_by = operations.get(forecast.operation_id, start.transaction).awaits
        found = None if shown_by is None else operations.get(shown_by, start.transaction)
        if found is not None and (start.step.attempts == 0 or found.status is not OperationStatus.FAILED):
            return found, None
    refresh = OperationRequest(
        OperationKind.METRICS_REFRESH,
        "inventory",
        "/internal/refresh",
        start.run.created_by,
        start.now,
        {"rebuild": False},
        start.operation_id,
        start.run.id,
    )
    return operations.start(refresh, transaction=start.transaction)


_STARTERS: Mapping[StepName, Callable[[StepStart], Started]] = {
    StepName.VALIDATE: _validate,
    StepName.FORECAST: _forecast,
    StepName.REFRESH: _refresh,
}
