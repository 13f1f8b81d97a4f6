"""Operations: look, cancel, retry; and the outbox's second chance."""

from __future__ import annotations

import datetime as dt

from shared.config import Config
from shared.domain.operation import Operation, OperationFilter, OperationKind
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.page import Page, PageRequest
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.request_context import RequestContext
from shared.tasks import retrying
from shared.tasks.delivery import deliver, deliver_waiting
from shared.tasks.etl_runs import cancel_run
from shared.tasks.operations import Operations
from shared.tasks.starting import delivered


def operations(tenant: Tenant, page: PageRequest, chosen: OperationFilter) -> Page[Operation]:
    """A page of the operations, the newest first."""
    return Operations(tenant).page(page, chosen)


def operation(tenant: Tenant, operation_id: str) -> Operation:
    """The operation; raises OperationNotFound."""
    return Operations(tenant).get(operation_id)


def cancel(context: RequestContext, operation_id: str) -> Operation:
    """Mark it cancelled; its worker stops at its next step. The step of a run is cancelled with the run.

    Raises OperationNotYours, OperationFinished and OperationIsStored.
    """
    operations = Operations(context.tenant)

    def write(transaction: Transaction) -> OutboxEntry | None:
        operation = operations.get(operation_id, transaction)
        operation.check_changeable_by(context.principal, "cancel")
        if operation.kind == OperationKind.ETL_RUN:
            cancel_run(context.tenant, transaction, operation, context.now)
            return None
        stopped = operation.cancelled(context.now)
        operations.put(transaction, stopped)
        return operations.tell_parent(transaction, stopped)

    deliver(context.config, context.tenant.transact(write))
    changed = operations.get(operation_id)
    operations.end_those_awaiting(changed, context.now)
    return changed


def retry(context: RequestContext, operation_id: str) -> Operation:
    """Have one that failed tried again, a run from its failed step on; one that goes on is returned as it is.

    Raises OperationNotYours, NotRetryable and RunInProgress.
    """

    def check(operation: Operation) -> None:
        operation.check_changeable_by(context.principal, "retry")

    started = retrying.retry(context.tenant, operation_id, check, context.user_id, context.now)
    return delivered(context.config, started)


def drain_outbox(config: Config, created_before: dt.datetime) -> int:
    """Deliver entries that are older than a request takes; returns how many."""
    return deliver_waiting(config, created_before)
