"""Operations: look, cancel; and the outbox's second chance."""

from __future__ import annotations

import datetime as dt

from shared.config import Config
from shared.domain.operation import Operation, OperationFilter
from shared.firestore.page import Page, PageRequest
from shared.firestore.tenant import Tenant
from shared.request_context import RequestContext
from shared.tasks.delivery import deliver_waiting
from shared.tasks.operations import Operations


def operations(tenant: Tenant, page: PageRequest, chosen: OperationFilter) -> Page[Operation]:
    """A page of the operations, the newest first."""
    return Operations(tenant).page(page, chosen)


def operation(tenant: Tenant, operation_id: str) -> Operation:
    """The operation; raises OperationNotFound."""
    return Operations(tenant).get(operation_id)


def cancel(context: RequestContext, operation_id: str) -> Operation:
    """Mark it cancelled; its worker stops at its next step.

    Raises OperationNotYours, OperationFinished and OperationIsStored.
    """

    def cancelled(operation: Operation) -> Operation:
        operation.check_cancellable_by(context.principal)
        return operation.cancelled(context.now)

    operations = Operations(context.tenant)
    changed = operations.change(operation_id, cancelled)
    operations.end_those_awaiting(changed, context.now)
    return changed


def drain_outbox(config: Config, created_before: dt.datetime) -> int:
    """Deliver entries that are older than a request takes; returns how many."""
    return deliver_waiting(config, created_before)
