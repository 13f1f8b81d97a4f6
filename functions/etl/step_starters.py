"""How each step of a run is started: by an operation of its own, in the transaction that moves the run on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from functions.etl.showing import RefreshNeed, joint_need
from functions.etl.syncing import SyncRequest, sync_request
from functions.etl.validation import validation_request
from shared.domain.etl_run import SYNCED
from shared.domain.forecast_request import ForecastRequest
from shared.domain.operation import Operation, OperationKind, OperationRequest, OperationStatus, RunStep, StepName
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.imports.import_options import ImportKind
from shared.tasks.forecast_requests import RequestedForecast, request_forecast
from shared.tasks.operations import Operations

Started = tuple[Operation, OutboxEntry | None]


@dataclass(frozen=True)
class StepStart:
    """A step that is to begin: of which run, under which id for its operation, when, and in which transaction.

    `default_engine` forecasts for a client whose settings name none.
    """

    tenant: Tenant
    transaction: Transaction
    run: Operation
    step: RunStep
    operation_id: str
    now: dt.datetime
    default_engine: str


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
    settings = SettingsStore(start.tenant).get().value
    requested = RequestedForecast(
        start.operation_id,
        dt.date.fromisoformat(start.run.parameters["date"]),
        ForecastRequest(engine=settings.forecast_engine or start.default_engine),
        start.run.created_by,
        start.now,
        start.run.id,
        in_batch=True,
    )
    return request_forecast(start.tenant, start.transaction, requested)


def start_showing(start: StepStart) -> Started | None:
    """The refresh that has lists show what all of the run's syncs have stored; None where they need none.

    One for all of them, before the first step that is no sync: the data are checked, and forecast, as lists have them.
    """
    if start.step is not next((step for step in start.run.steps if step.name not in SYNCED), None):
        return None
    done_by = [step.operation_id for step in _syncs(start.run) if step.operation_id is not None]
    if not done_by:
        return None
    operations, showing_id = Operations(start.tenant), _showing_id(start.run)
    existing = operations.find(showing_id, start.transaction)
    if existing is not None:
        return existing, None
    syncs = [each for each in operations.get_many(done_by).values() if each.status is OperationStatus.SUCCEEDED]
    need = joint_need(syncs)
    if need is RefreshNeed.NONE:
        return None
    return _started_refresh(start, showing_id, rebuild=need is RefreshNeed.REBUILD)


def _refresh(start: StepStart) -> Started:
    """The one that showed the forecast in lists, or the syncs where there was none; else another one, which rebuilds
    what that of the syncs did not bring into the lists."""
    operations = Operations(start.tenant)
    syncs_shown = operations.find(_showing_id(start.run), start.transaction) if _syncs(start.run) else None
    unshown = syncs_shown is not None and syncs_shown.status is not OperationStatus.SUCCEEDED
    forecast = next((step for step in start.run.steps if step.name is StepName.FORECAST), None)
    shown_by = None if unshown else syncs_shown
    if forecast is not None and forecast.operation_id is not None:
        refresh_id = operations.get(forecast.operation_id, start.transaction).awaits
        shown_by = None if refresh_id is None or unshown else operations.get(refresh_id, start.transaction)
    if shown_by is not None and (start.step.attempts == 0 or shown_by.status is OperationStatus.SUCCEEDED):
        return shown_by, None
    return _started_refresh(start, start.operation_id, rebuild=unshown)


def _showing_id(run: Operation) -> str:
    """Another one when syncs were tried again."""
    return f"{run.id}-shown-{sum(step.attempts for step in _syncs(run))}"


def _syncs(run: Operation) -> list[RunStep]:
    return [step for step in run.steps if step.name in SYNCED]


def _started_refresh(start: StepStart, operation_id: str, *, rebuild: bool) -> Started:
    refresh = OperationRequest(
        OperationKind.CATALOG_REBUILD if rebuild else OperationKind.METRICS_REFRESH,
        "inventory",
        "/internal/refresh",
        start.run.created_by,
        start.now,
        {"rebuild": rebuild},
        operation_id,
        start.run.id,
    )
    return Operations(start.tenant).start(refresh, transaction=start.transaction)


_STARTERS: Mapping[StepName, Callable[[StepStart], Started]] = {
    StepName.VALIDATE: _validate,
    StepName.FORECAST: _forecast,
    StepName.REFRESH: _refresh,
}
