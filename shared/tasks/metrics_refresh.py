"""Ask for a metrics refresh."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from shared.config import config
from shared.domain.operation import Operation, OperationKind, OperationRequest
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.tasks.delivery import deliver
from shared.tasks.operations import Operations


@dataclass(frozen=True)
class RefreshRequest:
    """Who asks for the refresh, and when.

    `rebuild` reads products, stock and conditions from their documents instead of the last snapshot. With an
    `operation_id` the same request may be made twice.
    """

    created_by: str
    created_at: dt.datetime
    rebuild: bool = False
    operation_id: str | None = None


def queue_metrics_refresh(
    tenant: Tenant, request: RefreshRequest, transaction: Transaction | None = None
) -> tuple[Operation, OutboxEntry | None]:
    """Write the operation and leave its task in the outbox; who can, delivers it, else the scheduler's tick does.

    One refresh that waits to start serves everyone who asks for it.
    """
    started = OperationRequest(
        OperationKind.CATALOG_REBUILD if request.rebuild else OperationKind.METRICS_REFRESH,
        "inventory",
        "/internal/refresh",
        request.created_by,
        request.created_at,
        {"rebuild": request.rebuild},
        request.operation_id,
    )
    return Operations(tenant).start(started, coalesce=True, transaction=transaction)


def await_refresh(
    tenant: Tenant, operation_id: str, request: RefreshRequest, await_it: Callable[[Operation, str], Operation]
) -> OutboxEntry | None:
    """Have lists show what an operation has stored, and end it when they do; returns the task of the refresh.

    In one transaction the refresh is queued and the operation becomes `await_it(operation, id of the refresh)`; safe to
    repeat.
    """
    operations = Operations(tenant)

    def write(transaction: Transaction) -> tuple[OutboxEntry | None, OutboxEntry | None]:
        current = operations.get(operation_id, transaction)
        if current.finished or current.awaits is not None:
            return None, None
        refresh, entry = queue_metrics_refresh(tenant, request, transaction)
        # One that was asked for before, by its id, may have ended. It is read in this transaction: if it ends later
        # than that, its end finds what awaits it.
        waiting = await_it(current, refresh.id).shown(refresh, request.created_at)
        operations.put(transaction, waiting)
        return entry, operations.tell_parent(transaction, waiting)

    entry, told = tenant.transact(write)
    deliver(config(), told)
    return entry
