"""A run's start, and its end or second start by somebody's request, each in one transaction.

What moves it on from step to step is functions/etl/chain.py.
"""

from __future__ import annotations

import datetime as dt

from shared.domain import etl_run
from shared.domain.etl_run import GIVEN_UP_AFTER, EtlRunRequest, RunInProgress, current_position, is_before_forecast
from shared.domain.operation import Operation, OperationKind, OperationRequest
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.current_runs import CurrentRun, CurrentRuns
from shared.firestore.outbox import Outbox
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.tasks.operations import Operations


def start_run(tenant: Tenant, request: EtlRunRequest) -> tuple[Operation, OutboxEntry | None]:
    """Write the run and the task that begins it; the same request gets the run that there is, without a task.

    Raises RunInProgress. One that has been out for GIVEN_UP_AFTER is ended instead.
    """
    operations = Operations(tenant)

    def write(transaction: Transaction) -> tuple[Operation, OutboxEntry | None]:
        existing = operations.find(request.run_id, transaction)
        if existing is not None:
            return existing, None
        _make_way(tenant, transaction, request.run_id, request.created_at)
        started = OperationRequest(
            OperationKind.ETL_RUN,
            "etl",
            "/internal/advance",
            request.created_by,
            request.created_at,
            request.parameters,
            request.run_id,
            steps=request.steps,
        )
        run, entry = operations.start(started, transaction=transaction)
        _keep_current(tenant, transaction, run)
        return run, entry

    return tenant.transact(write)


def retry_run(tenant: Tenant, transaction: Transaction, run: Operation, now: dt.datetime) -> OutboxEntry:
    """Have a failed run go on from the step that failed; returns its task. Raises NotRetryable and RunInProgress."""
    again = etl_run.tried_again(run)
    _make_way(tenant, transaction, run.id, now)
    operations = Operations(tenant)
    operations.put(transaction, again)
    _keep_current(tenant, transaction, again)
    attempts = sum(step.attempts for step in run.steps)
    entry = operations.task_of(again, f"{run.id}-retry-{attempts}", now)
    Outbox(tenant).put(transaction, entry)
    return entry


def cancel_run(tenant: Tenant, transaction: Transaction, run: Operation, now: dt.datetime) -> Operation:
    """Cancel a run and what its step does; raises OperationFinished."""
    operations = Operations(tenant)
    child = _unfinished_child(operations, transaction, run)
    stopped = etl_run.cancelled(run, now)
    operations.put(transaction, stopped)
    if child is not None:
        operations.put(transaction, child.cancelled(now))
    _keep_current(tenant, transaction, stopped)
    return stopped


def keep_moved(tenant: Tenant, transaction: Transaction, before: Operation, run: Operation) -> None:
    """Write a run that has moved on."""
    Operations(tenant).put(transaction, run)
    if is_before_forecast(before) != is_before_forecast(run):
        _keep_current(tenant, transaction, run)


def _keep_current(tenant: Tenant, transaction: Transaction, run: Operation) -> None:
    CurrentRuns(tenant).put(transaction, CurrentRun(run.id, is_before_forecast(run)))


def _make_way(tenant: Tenant, transaction: Transaction, run_id: str, now: dt.datetime) -> None:
    """Raises RunInProgress unless the client's last run has ended, is the same, or is to be given up."""
    operations = Operations(tenant)
    last_id = CurrentRuns(tenant).run_id(transaction)
    last = None if last_id in (None, run_id) else operations.find(str(last_id), transaction)
    if last is None or last.finished:
        return
    if now - last.created_at < GIVEN_UP_AFTER:
        raise RunInProgress(last.id)
    child = _unfinished_child(operations, transaction, last)
    operations.put(transaction, etl_run.given_up(last, run_id, now))
    if child is not None:
        operations.put(transaction, child.cancelled(now))


def _unfinished_child(operations: Operations, transaction: Transaction, run: Operation) -> Operation | None:
    """The operation that the run's step is at, where it can still be cancelled: not once what it brought is stored."""
    position = current_position(run)
    operation_id = None if position is None else run.steps[position].operation_id
    child = None if operation_id is None else operations.find(operation_id, transaction)
    if child is None or child.finished or child.awaits is not None or child.parent != run.id:
        return None
    return child
