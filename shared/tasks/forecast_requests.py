"""Asking for a forecast run: the run with its request, its operation and the task that launches it, all at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shared.domain.forecast_request import ForecastRequest
from shared.domain.operation import Operation, OperationKind, OperationRequest
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.tasks.operations import Operations


@dataclass(frozen=True)
class RequestedForecast:
    """Who asks for which forecast from which day on.

    `parent`: the run that it is a step of, if any. One `in_batch` is done in one execution with those of other clients.
    """

    run_id: str
    run_date: dt.date
    request: ForecastRequest
    requested_by: str
    requested_at: dt.datetime
    parent: str | None = None
    in_batch: bool = False


def request_forecast(
    tenant: Tenant, transaction: Transaction, requested: RequestedForecast
) -> tuple[Operation, OutboxEntry | None]:
    """Write all of it as part of the transaction; a request that was made before gets its operation, and no task."""
    wanted = requested.request
    started = OperationRequest(
        OperationKind.FORECAST,
        "forecast",
        "/internal/launch",
        requested.requested_by,
        requested.requested_at,
        {"items": None if wanted.item_ids is None else len(wanted.item_ids), "horizon_days": wanted.horizon_days},
        requested.run_id,
        requested.parent,
    )
    operation, entry = Operations(tenant).start(started, transaction=transaction)
    if entry is not None:
        ForecastRuns(tenant).request(
            transaction,
            requested.run_id,
            requested.run_date,
            wanted,
            requested.requested_by,
            requested.requested_at,
            in_batch=requested.in_batch,
        )
    return operation, entry
