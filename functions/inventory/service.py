"""Inventory: the metrics refresh as an operation, and the compaction of catalogs."""

from __future__ import annotations

import datetime as dt

from shared.catalog.store import edit_counts
from shared.config import Config
from shared.domain.operation import Operation, OperationStatus
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.request_context import RequestContext
from shared.tasks import worker
from shared.tasks.metrics_refresh import RefreshRequest
from shared.tasks.operations import Operations
from shared.tasks.starting import start_metrics_refresh
from shared.tasks.worker import Clock

# Edits that wait on top of a snapshot make every new instance read them all; so many are worth merging into a new one.
COMPACTION_THRESHOLD = 200


def start_refresh(context: RequestContext, rebuild: bool) -> Operation:
    """A refresh that starts as soon as a worker is free."""
    return start_metrics_refresh(
        context.config, context.tenant, RefreshRequest(context.user_id, context.now, rebuild, context.request_id)
    )


def run_refresh(config: Config, tenant: Tenant, operation_id: str, clock: Clock) -> OperationStatus:
    """Do the refresh, and end the operations that await it; returns the status of its own."""
    from functions.inventory.refresh import refresh

    operations = Operations(tenant)
    status = worker.run(
        operations,
        operation_id,
        lambda operation, reporter: refresh(config, tenant, operation, reporter, clock()),
        clock,
    )
    # Also when this attempt finds it ended: the one before may have been killed between the two.
    operations.end_those_awaiting(operations.get(operation_id), clock())
    return status


def compact_catalogs(config: Config, now: dt.datetime) -> int:
    """Start a refresh for each client on whose snapshot many edits lie; returns for how many. One read a client."""
    tenants = [Tenant(database(config), client.client_id) for client in Clients(database(config)).active()]
    counts = zip(tenants, edit_counts(tenants), strict=True)
    crowded = [tenant for tenant, edits in counts if edits >= COMPACTION_THRESHOLD]
    for tenant in crowded:
        start_metrics_refresh(config, tenant, RefreshRequest("scheduler", now))
    return len(crowded)
