"""Start an operation from a request: write it, then hand its task to Cloud Tasks."""

from __future__ import annotations

from shared.config import Config
from shared.domain.operation import Operation
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.tenant import Tenant
from shared.tasks.delivery import deliver
from shared.tasks.metrics_refresh import RefreshRequest, queue_metrics_refresh


def delivered(config: Config, started: tuple[Operation, OutboxEntry | None]) -> Operation:
    """The operation that `Operations.start` or `queue_metrics_refresh` wrote, its task handed to Cloud Tasks."""
    operation, entry = started
    deliver(config, entry)
    return operation


def start_metrics_refresh(config: Config, tenant: Tenant, request: RefreshRequest) -> Operation:
    """Compute all metrics again; one refresh that waits to start serves everyone who asks for it."""
    return delivered(config, queue_metrics_refresh(tenant, request))
