"""Ask for a metrics refresh; the forecast job does too, without the Cloud Tasks client."""

from __future__ import annotations

import datetime as dt

from shared.domain.operation import Operation
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.tasks.operations import Operations

METRICS_REFRESH = "metrics_refresh"


def queue_metrics_refresh(
    tenant: Tenant,
    created_by: str,
    now: dt.datetime,
    *,
    rebuild: bool = False,
    operation_id: str | None = None,
    transaction: Transaction | None = None,
) -> tuple[Operation, OutboxEntry | None]:
    """Write the operation and leave its task in the outbox; who can, delivers it, else the scheduler's tick does.

    One refresh that waits to start serves everyone who asks for it. See Operations.start for the arguments.
    """
    return Operations(tenant).start(
        f"{METRICS_REFRESH}.rebuild" if rebuild else METRICS_REFRESH,
        "inventory",
        "/internal/refresh",
        created_by=created_by,
        now=now,
        parameters={"rebuild": rebuild},
        coalesce=True,
        operation_id=operation_id,
        transaction=transaction,
    )
