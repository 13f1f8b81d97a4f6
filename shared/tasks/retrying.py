"""Having a failed operation tried again: as often as a new one would be, with all that it has done already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from shared.domain.operation import REFRESH_FAILED, Operation, OperationKind
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.outbox import Outbox
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.tasks.etl_runs import retry_run
from shared.tasks.metrics_refresh import RefreshRequest, queue_metrics_refresh
from shared.tasks.operations import Operations


def retry(
    tenant: Tenant, operation_id: str, check: Callable[[Operation], None], requested_by: str, now: dt.datetime
) -> tuple[Operation, OutboxEntry | None]:
    """The operation, on its way again, and the task for that; of one that has not ended yet, nothing is changed.

    `check` is given the operation first. Raises OperationNotFound, NotRetryable, RunInProgress and what `check` raises.
    """
    operations = Operations(tenant)

    def write(transaction: Transaction) -> tuple[Operation, OutboxEntry | None]:
        operation = operations.get(operation_id, transaction)
        check(operation)
        if not operation.finished:
            return operation, None
        operation.check_retryable()
        if operation.kind == OperationKind.ETL_RUN:
            entry: OutboxEntry | None = retry_run(tenant, transaction, operation, now)
        elif (operation.error or {}).get("code") == REFRESH_FAILED:
            entry = _await_another_refresh(tenant, transaction, operation, RefreshRequest(requested_by, now))
        else:
            entry = _hand_over_again(tenant, transaction, operation, now)
        return operation, entry

    _, entry = tenant.transact(write)
    return operations.get(operation_id), entry


def _await_another_refresh(
    tenant: Tenant, transaction: Transaction, operation: Operation, request: RefreshRequest
) -> OutboxEntry | None:
    """What the operation brought is stored: only lists do not show it."""
    refresh, entry = queue_metrics_refresh(tenant, request, transaction)
    again = operation.retried().awaiting(refresh.id, operation.result or {}, operation.counts, request.created_at)
    Operations(tenant).put(transaction, again)
    return entry


def _hand_over_again(tenant: Tenant, transaction: Transaction, operation: Operation, now: dt.datetime) -> OutboxEntry:
    again = operation.retried()
    operations = Operations(tenant)
    entry = operations.task_of(again, f"{operation.id}-retry-{operation.attempt}", now)
    if operation.kind == OperationKind.FORECAST:
        ForecastRuns(tenant).launch_again(transaction, operation.id, now)
    operations.put(transaction, again)
    Outbox(tenant).put(transaction, entry)
    return entry
